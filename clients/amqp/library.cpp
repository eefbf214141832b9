#include "clients/amqp/library.hpp"

#include <amqp_framing.h>

namespace dubber::amqp {

namespace {

fault refusal(const char* doing, int code, amqp_bytes_t words) {
  return {fault_code::refused,
          std::string{doing} + ": the broker says " + std::to_string(code) + " "
            + text(words),
          0,
          {}};
}

} // namespace

fault fault_of(int status, const char* doing) {
  auto code = status == AMQP_STATUS_TIMEOUT ? fault_code::timeout
                                            : fault_code::unreachable;
  return {code, std::string{doing} + ": " + amqp_error_string2(status), 0, {}};
}

fault fault_of(const amqp_method_t& method, const char* doing) {
  switch (method.id) {
  case AMQP_CONNECTION_CLOSE_METHOD: {
    auto& x = *static_cast<amqp_connection_close_t*>(method.decoded);
    return refusal(doing, x.reply_code, x.reply_text);
  }
  case AMQP_CHANNEL_CLOSE_METHOD: {
    auto& x = *static_cast<amqp_channel_close_t*>(method.decoded);
    return refusal(doing, x.reply_code, x.reply_text);
  }
  case AMQP_BASIC_CANCEL_METHOD:
    return {fault_code::refused,
            std::string{doing} + ": the queue was deleted",
            0,
            {}};
  default:
    return {fault_code::bad_answer,
            std::string{doing} + ": the broker sent a method out of turn ("
              + std::to_string(method.id) + ")",
            0,
            {}};
  }
}

fault fault_of(const amqp_rpc_reply_t& reply, const char* doing) {
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
    return fault_of(reply.library_error, doing);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION)
    return fault_of(reply.reply, doing);
  return {fault_code::bad_answer,
          std::string{doing} + ": the broker did not answer as it should",
          0,
          {}};
}

std::string header(const amqp_basic_properties_t& properties,
                   std::string_view name) {
  if (!(properties._flags & AMQP_BASIC_HEADERS_FLAG))
    return {};
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    auto& entry = properties.headers.entries[i];
    if (text(entry.key) == name && entry.value.kind == AMQP_FIELD_KIND_UTF8)
      return text(entry.value.value.bytes);
  }
  return {};
}

timeval interval(ms t) {
  return {t.count() / 1'000, (t.count() % 1'000) * 1'000};
}

} // namespace dubber::amqp
