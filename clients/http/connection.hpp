#pragma once

#include "clients/http/call.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace dubber {

std::shared_ptr<connection> make_plain_connection(boost::asio::io_context& loop,
                                                  std::uint64_t max_header);

std::shared_ptr<connection> make_tls_connection(boost::asio::io_context& loop,
                                                boost::asio::ssl::context& tls,
                                                std::uint64_t max_header);

} // namespace dubber
