#include "clients/amqp/address.hpp"

#include <charconv>
#include <optional>

namespace dubber {

namespace {

using mistake = std::string;

int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// Nothing when a `%` is not followed by two hexadecimal digits, or the text
/// has a zero byte: the protocol's own library ends names there.
std::optional<std::string> unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
        return std::nullopt;
      c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    }
    if (c == '\0')
      return std::nullopt;
    out += c;
  }
  return out;
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number out{};
  auto [end, error]
    = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return out;
}

/// `user[:password]@`, taken off the front of the authority.
mistake read_user(std::string_view& authority, amqp_address& into) {
  auto at = authority.rfind('@');
  if (at == std::string_view::npos)
    return {};
  auto who = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  auto colon = who.find(':');
  auto user = unquoted(who.substr(0, colon));
  auto password = colon == std::string_view::npos
                    ? std::optional<std::string>{std::string{}}
                    : unquoted(who.substr(colon + 1));
  if (!user || !password)
    return "user and password must be percent-encoded";
  if (!user->empty())
    into.user = *user;
  if (!password->empty())
    into.password = *password;
  return {};
}

mistake read_host(std::string_view authority, amqp_address& into) {
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    if (end == std::string_view::npos)
      return "has no end of its IPv6 address";
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else if (auto colon = authority.find(':');
             colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (!host.empty())
    into.host = host;
  if (port.empty())
    return {};
  auto number
    = port.front() == ':' ? whole<std::uint16_t>(port.substr(1)) : std::nullopt;
  if (!number || *number == 0)
    return "the port must be a number from 1 to 65535";
  into.port = *number;
  return {};
}

mistake read_query(std::string_view query, amqp_address& into) {
  while (!query.empty()) {
    auto end = query.find('&');
    auto field = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (!field.starts_with("heartbeat="))
      return "the only parameter known is heartbeat";
    auto seconds = whole<std::uint16_t>(field.substr(10));
    if (!seconds || *seconds < 1 || *seconds > 3'600)
      return "heartbeat must be a number of seconds from 1 to 3600";
    into.heartbeat = ms{*seconds * 1'000};
  }
  return {};
}

} // namespace

std::variant<amqp_address, std::string> parse_amqp_url(std::string_view url) {
  for (auto c : url)
    if (c <= ' ' || c > '~' || c == '"')
      return "spaces, quotes and non-ASCII letters must be percent-encoded";
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
  auto authority = rest.substr(0, slash);
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    auto vhost = unquoted(rest.substr(slash + 1));
    if (!vhost)
      return "the virtual host must be percent-encoded";
    out.vhost = *vhost;
  }
  for (auto& wrong : {read_user(authority, out), read_host(authority, out),
                      read_query(query, out)})
    if (!wrong.empty())
      return wrong;
  return out;
}

} // namespace dubber
