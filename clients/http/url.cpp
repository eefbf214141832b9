#include "clients/http/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace dubber::wire {

namespace {

fault refused(std::string_view why) {
  return {fault_code::refused, "bad URL: " + std::string{why}, 0, {}};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
         || c == '.' || c == '_';
}

bool visible(char c) {
  return c > ' ' && c < 0x7f;
}

bool is_ip(int family, const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(family, host.c_str(), buffer) == 1;
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// Takes "host[:port]" apart; empty when it is right, else what is wrong.
std::string_view read_authority(std::string_view text, url& out) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return "no ] after an IPv6 address";
    out.host = lower_case(text.substr(1, end - 1));
    if (!is_ip(AF_INET6, out.host))
      return "not an IPv6 address in brackets";
    out.is_address = true;
    auto rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':')
      return "text after the IPv6 address";
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else {
    auto colon = text.find(':');
    out.host = lower_case(text.substr(0, colon));
    if (out.host.empty() || out.host.size() > 253
        || !std::all_of(out.host.begin(), out.host.end(), name_char))
      return "not a host name";
    out.is_address = is_ip(AF_INET, out.host);
    has_port = colon != std::string_view::npos;
    port = has_port ? text.substr(colon + 1) : std::string_view{};
  }
  out.port = out.tls ? 443 : 80;
  if (has_port) {
    auto* end = port.data() + port.size();
    auto [stop, error] = std::from_chars(port.data(), end, out.port);
    if (error != std::errc{} || stop != end || out.port == 0)
      return "not a port";
  }
  return {};
}

} // namespace

result<url> parse_url(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), visible))
    return refused("a character that must be percent-encoded");
  auto colon = text.find("://");
  if (colon == std::string_view::npos)
    return refused("not absolute");
  url out;
  auto scheme = lower_case(text.substr(0, colon));
  if (scheme != "http" && scheme != "https")
    return refused("only http and https");
  out.tls = scheme == "https";
  auto rest = text.substr(colon + 3);
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return refused("a user name inside");
  if (auto wrong = read_authority(authority, out); !wrong.empty())
    return refused(wrong);
  auto target = rest.substr(authority.size());
  target = target.substr(0, target.find('#'));
  out.target = target.starts_with('/') ? "" : "/";
  out.target += target;
  bool v6 = out.host.find(':') != std::string::npos;
  out.authority = v6 ? "[" + out.host + "]" : out.host;
  auto with_port = out.authority + ":" + std::to_string(out.port);
  out.origin = scheme + "://" + with_port;
  if (out.port != (out.tls ? 443 : 80))
    out.authority = with_port;
  return out;
}

} // namespace dubber::wire

namespace dubber {

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
