#pragma once

#include "http/call.hpp"

#include <restinio/request_handler.hpp>

#include <memory>

namespace dubber {

/// The request as the routes see it.
http_call_in call_of(const restinio::request_handle_t& request);

/// Puts an answer on the wire, on the server's thread: for HEAD without its
/// body, files in pieces. @param last The connection ends with it.
/// @param until_written Let go when all of it is written or the connection is
/// lost.
void respond(const restinio::request_handle_t& request, http_answer answer,
             bool last, std::shared_ptr<void> until_written);

} // namespace dubber
