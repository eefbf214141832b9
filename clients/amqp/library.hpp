#pragma once

#include "core/fault.hpp"

#include <amqp.h>

#include <string>
#include <string_view>

/// librabbitmq's own types, in and out.
namespace dubber::amqp {

inline amqp_bytes_t bytes(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

inline std::string text(amqp_bytes_t from) {
  return {static_cast<const char*>(from.bytes), from.len};
}

/// A status of the library (negative).
fault fault_of(int status, const char* doing);

/// An answer that is not `AMQP_RESPONSE_NORMAL`.
fault fault_of(const amqp_rpc_reply_t& reply, const char* doing);

/// `connection.close`, `channel.close` or `basic.cancel` of the broker; another
/// method: it makes no sense here.
fault fault_of(const amqp_method_t& method, const char* doing);

/// The text of a header; empty when there is none of that name or it is no
/// text.
std::string header(const amqp_basic_properties_t& properties,
                   std::string_view name);

timeval interval(ms t);

} // namespace dubber::amqp
