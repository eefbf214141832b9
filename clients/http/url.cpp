#include "clients/http/url.hpp"

#include <algorithm>
#include <charconv>

namespace dubber {

namespace {

fault wrong(std::string_view text, const char* why) {
  auto shown = text.substr(0, text.find('?'));
  return {fault_code::refused,
          "URL '" + std::string{shown.substr(0, 200)} + "': " + why,
          0,
          {}};
}

bool is_plain(char c) {
  return c > 0x20 && c < 0x7F;
}

} // namespace

std::string http_url::authority() const {
  auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port == (tls ? 443 : 80))
    return name;
  return name + ":" + std::to_string(port);
}

result<http_url> parse_url(std::string_view text) {
  http_url url;
  auto rest = text;
  if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else
    return wrong(text, "begins neither with http:// nor with https://");
  if (!std::all_of(text.begin(), text.end(), is_plain))
    return wrong(text, "holds a character that must be percent-encoded");
  if (rest.find('#') != std::string_view::npos)
    return wrong(text, "must not hold a fragment");
  auto end = rest.find_first_of("/?");
  auto authority = rest.substr(0, end);
  url.target
    = end == std::string_view::npos ? "/" : std::string{rest.substr(end)};
  if (url.target.front() == '?')
    url.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos)
    return wrong("", "must not hold a user or password");
  auto port = std::string_view{};
  if (authority.starts_with('[')) {
    auto close = authority.find(']');
    if (close == std::string_view::npos)
      return wrong(text, "has a '[' without ']'");
    url.host = authority.substr(1, close - 1);
    auto after = authority.substr(close + 1);
    if (!after.empty() && after.front() != ':')
      return wrong(text, "has something odd after ']'");
    port = after.empty() ? after : after.substr(1);
  } else {
    auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos)
      port = authority.substr(colon + 1);
  }
  if (url.host.empty())
    return wrong(text, "names no host");
  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    auto [p, ec]
      = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (ec != std::errc{} || p != port.data() + port.size() || url.port == 0)
      return wrong(text, "has no valid port");
  }
  return url;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    auto unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                      || (c >= '0' && c <= '9') || c == '-' || c == '.'
                      || c == '_' || c == '~' || (keep_slash && c == '/');
    if (unreserved)
      out += c;
    else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

} // namespace dubber
