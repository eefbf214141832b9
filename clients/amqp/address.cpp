#include "clients/amqp/address.hpp"

#include "clients/authority.hpp"

#include <optional>

namespace dubber {

namespace {

using mistake = std::string;

mistake read_query(std::string_view query, amqp_address& into) {
  while (!query.empty()) {
    auto end = query.find('&');
    auto field = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (!field.starts_with("heartbeat="))
      return "the only parameter known is heartbeat";
    auto seconds = whole_number<std::uint16_t>(field.substr(10));
    if (!seconds || *seconds < 1 || *seconds > 3'600)
      return "heartbeat must be a number of seconds from 1 to 3600";
    into.heartbeat = ms{*seconds * 1'000};
  }
  return {};
}

/// What is not said keeps its default.
void take(const authority& said, amqp_address& into) {
  if (!said.user.empty())
    into.user = said.user;
  if (!said.password.empty())
    into.password = said.password;
  if (!said.host.empty())
    into.host = said.host;
  into.port = said.port.value_or(into.port);
}

} // namespace

std::variant<amqp_address, std::string> parse_amqp_url(std::string_view url) {
  if (auto wrong = unprintable_mistake(url); !wrong.empty())
    return wrong;
  amqp_address out;
  auto scheme = url.substr(0, url.find("://"));
  if (scheme == "amqps") {
    out.tls = true;
    out.port = 5671;
  } else if (scheme != "amqp" && scheme != "pyamqp") {
    return "must start with amqp:// or amqps://";
  }
  if (scheme.size() + 3 > url.size())
    return "must start with amqp:// or amqps://";
  auto rest = url.substr(scheme.size() + 3);
  if (rest.find(';') != std::string_view::npos)
    return "must be one URL, without a semicolon";
  if (rest.find('#') != std::string_view::npos)
    return "a # must be percent-encoded";
  std::string_view query;
  if (auto mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  auto slash = rest.find('/');
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    auto vhost = unquoted(rest.substr(slash + 1));
    if (!vhost)
      return "the virtual host must be percent-encoded";
    out.vhost = *vhost;
  }
  authority where;
  for (auto& wrong :
       {read_authority(rest.substr(0, slash), where), read_query(query, out)})
    if (!wrong.empty())
      return wrong;
  take(where, out);
  return out;
}

} // namespace dubber
