#include "clients/authority.hpp"

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

/// `user[:password]@`, taken off the front.
mistake read_user(std::string_view& text, authority& into) {
  auto at = text.rfind('@');
  if (at == std::string_view::npos)
    return {};
  auto who = text.substr(0, at);
  text.remove_prefix(at + 1);
  auto colon = who.find(':');
  auto user = unquoted(who.substr(0, colon));
  auto password = colon == std::string_view::npos
                    ? std::optional<std::string>{std::string{}}
                    : unquoted(who.substr(colon + 1));
  if (!user || !password)
    return "user and password must be percent-encoded";
  into.user = *user;
  into.password = *password;
  return {};
}

mistake read_host(std::string_view text, authority& into) {
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return "has no end of its IPv6 address";
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else if (auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  into.host = host;
  if (port.empty())
    return {};
  auto number = port.front() == ':'
                  ? whole_number<std::uint16_t>(port.substr(1))
                  : std::nullopt;
  if (!number || *number == 0)
    return "the port must be a number from 1 to 65535";
  into.port = *number;
  return {};
}

} // namespace

std::string read_authority(std::string_view text, authority& into) {
  if (auto wrong = read_user(text, into); !wrong.empty())
    return wrong;
  return read_host(text, into);
}

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

std::string unprintable_mistake(std::string_view url) {
  for (auto c : url)
    if (c <= ' ' || c > '~' || c == '"')
      return "spaces, quotes and non-ASCII letters must be percent-encoded";
  return {};
}

} // namespace dubber
