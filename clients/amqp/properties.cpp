#include "clients/amqp/properties.hpp"

#include "clients/amqp/library.hpp"
#include "core/overload.hpp"

#include <amqp_framing.h>

namespace dubber::amqp {

namespace {

constexpr std::uint8_t transient = 1, persistent = 2;

amqp_field_value_t number(std::int64_t value) {
  amqp_field_value_t out{};
  out.kind = AMQP_FIELD_KIND_I64;
  out.value.i64 = value;
  return out;
}

} // namespace

amqp_table_entry_t entry(const char* key, const std::string& value) {
  amqp_table_entry_t out{};
  out.key = amqp_cstring_bytes(key);
  out.value.kind = AMQP_FIELD_KIND_UTF8;
  out.value.value.bytes = bytes(value);
  return out;
}

amqp_table_t table(std::vector<amqp_table_entry_t>& entries) {
  return {static_cast<int>(entries.size()), entries.data()};
}

outgoing_properties::outgoing_properties(const amqp_message& what) {
  if (!what.traceparent.empty())
    headers_.push_back(entry("traceparent", what.traceparent));
  if (what.dead_reason)
    headers_.push_back(entry("x-dubber-reason", *what.dead_reason));
  for (auto& [name, value] : what.headers)
    add(name, value);
  auto& p = properties_;
  p._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG
             | AMQP_BASIC_HEADERS_FLAG;
  p.content_type = bytes(what.content_type);
  p.delivery_mode = what.persistent ? persistent : transient;
  p.headers = table(headers_);
  set(what.message_id, AMQP_BASIC_MESSAGE_ID_FLAG, p.message_id);
  set(what.type, AMQP_BASIC_TYPE_FLAG, p.type);
  set(what.content_encoding, AMQP_BASIC_CONTENT_ENCODING_FLAG,
      p.content_encoding);
  set(what.correlation_id, AMQP_BASIC_CORRELATION_ID_FLAG, p.correlation_id);
  set(what.reply_to, AMQP_BASIC_REPLY_TO_FLAG, p.reply_to);
}

void outgoing_properties::set(const std::string& value, amqp_flags_t flag,
                              amqp_bytes_t& into) {
  if (value.empty())
    return;
  properties_._flags |= flag;
  into = bytes(value);
}

void outgoing_properties::add(const std::string& name,
                              const amqp_value& value) {
  amqp_table_entry_t out{};
  out.key = bytes(name);
  auto& to = out.value;
  std::visit(overload{
               [&](std::monostate) { to.kind = AMQP_FIELD_KIND_VOID; },
               [&](bool x) {
                 to.kind = AMQP_FIELD_KIND_BOOLEAN;
                 to.value.boolean = x;
               },
               [&](std::int64_t x) { to = number(x); },
               [&](const std::string& x) {
                 to.kind = AMQP_FIELD_KIND_UTF8;
                 to.value.bytes = bytes(x);
               },
               [&](const std::vector<std::int64_t>& x) {
                 auto& list = lists_.emplace_back();
                 for (auto each : x)
                   list.push_back(number(each));
                 to.kind = AMQP_FIELD_KIND_ARRAY;
                 to.value.array = {static_cast<int>(list.size()), list.data()};
               },
             },
             value);
  headers_.push_back(out);
}

} // namespace dubber::amqp
