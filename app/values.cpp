#include "app/values.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dubber {

namespace {

struct unit {
  std::string_view name;
  ms::rep length;
};

// Longest first: print_duration takes the first that divides.
constexpr std::array<unit, 5> units{{{"d", 86'400'000},
                                     {"h", 3'600'000},
                                     {"m", 60'000},
                                     {"s", 1'000},
                                     {"ms", 1}}};
constexpr ms::rep longest = 3'650LL * 86'400'000;

/// host[:port], with the host perhaps an IPv6 address in brackets.
std::string authority_mistake(std::string_view authority) {
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    if (end == std::string_view::npos || end < 3)
      return "the address in brackets is not complete";
    auto rest = authority.substr(end + 1);
    if (!rest.empty() && rest.front() != ':')
      return "after the address only a port may follow";
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else {
    auto colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    port = has_port ? authority.substr(colon + 1) : "";
    if (authority.substr(0, colon).empty())
      return "the host is missing";
  }
  if (has_port && !parse_whole(port, 1, 65'535))
    return "the port must be 1 to 65535";
  return {};
}

bool has_strange_character(std::string_view url) {
  return std::any_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\\'
           || static_cast<unsigned char>(c) >= 0x7f;
  });
}

std::optional<std::string_view>
after(std::string_view url, std::string_view first, std::string_view second) {
  for (auto scheme : {first, second})
    if (url.starts_with(scheme))
      return url.substr(scheme.size());
  return std::nullopt;
}

} // namespace

std::optional<ms> parse_duration(std::string_view text) {
  ms::rep n = 0;
  auto [end, error]
    = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || text.starts_with('-'))
    return std::nullopt;
  auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  auto found = std::find_if(units.begin(), units.end(),
                            [&](const unit& u) { return u.name == name; });
  if (found == units.end() || n > longest / found->length)
    return std::nullopt;
  return ms{n * found->length};
}

std::string print_duration(ms length) {
  if (length.count() == 0)
    return "0s";
  auto found = std::find_if(units.begin(), units.end(), [&](const unit& u) {
    return length.count() % u.length == 0;
  });
  return std::to_string(length.count() / found->length)
         + std::string{found->name};
}

namespace {

struct size_unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array size_units{
  size_unit{"TB", 1'000'000'000'000}, size_unit{"GB", 1'000'000'000},
  size_unit{"MB", 1'000'000}, size_unit{"KB", 1'000}, size_unit{"", 1}};

constexpr std::uint64_t most_bytes = 1'000'000'000'000'000'000;

} // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  auto found = std::find_if(size_units.begin(), size_units.end(), [&](auto& u) {
    return u.name == text.substr(digits.size());
  });
  if (found == size_units.end())
    return std::nullopt;
  auto n = parse_whole(digits, 0, most_bytes / found->bytes);
  return n ? std::optional{*n * found->bytes} : std::nullopt;
}

std::string print_bytes(std::uint64_t bytes) {
  auto found = std::find_if(size_units.begin(), size_units.end(), [&](auto& u) {
    return bytes > 0 && bytes % u.bytes == 0;
  });
  if (found == size_units.end())
    return "0";
  return std::to_string(bytes / found->bytes) + std::string{found->name};
}

std::optional<std::uint64_t>
parse_whole(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t n = 0;
  auto* last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, n);
  if (error != std::errc{} || end != last || n < least || n > most)
    return std::nullopt;
  return n;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 64
         && std::all_of(text.begin(), text.end(), [](unsigned char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '-' || c == '_'
                     || c == '.';
            });
}

bool is_listen_address(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &four) == 1
         || ::inet_pton(AF_INET6, host.c_str(), &six) == 1;
}

bool is_loopback(const std::string& host) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1)
    return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) != 1)
    return host == "localhost";
  auto mapped = IN6_IS_ADDR_V4MAPPED(&six) != 0 && six.s6_addr[12] == 127;
  return mapped || IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

std::string service_url_mistake(std::string_view url) {
  if (has_strange_character(url))
    return "spaces, quotes and non-ASCII letters must be percent-encoded";
  auto rest = after(url, "http://", "https://");
  if (!rest)
    return "must start with http:// or https://";
  if (rest->find_first_of("?#") != std::string_view::npos)
    return "must not have a query or fragment";
  auto authority = rest->substr(0, rest->find('/'));
  if (authority.find('@') != std::string_view::npos)
    return "must not have a user or password";
  return authority_mistake(authority);
}

std::string masked_url(std::string_view url) {
  auto start = url.find("://");
  start = start == std::string_view::npos ? 0 : start + 3;
  auto authority = url.substr(start, url.find('/', start) - start);
  auto at = authority.rfind('@');
  auto colon = authority.find(':');
  if (at == std::string_view::npos || colon >= at)
    return std::string{url};
  return std::string{url.substr(0, start + colon + 1)} + "***"
         + std::string{url.substr(start + at)};
}

} // namespace dubber
