#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dubber::wire {

/// An absolute http or https URL, taken apart (RFC 3986, strict).
struct url {
  bool tls = false;
  /// Lower case, an IPv6 address without its brackets.
  std::string host;
  std::uint16_t port = 80;
  /// What the Host header carries: the port only when it is not the default.
  std::string authority;
  /// Path and query, beginning with a slash; the fragment is dropped.
  std::string target;
  /// Scheme, host and port: which pool of connections serves it, and how it is
  /// named to people (no secrets of the query).
  std::string origin;
  /// Whether `host` is an IP address, for which no name is looked up.
  bool is_address = false;
};

/// @returns `refused` for another scheme, a user or password inside the URL, a
/// malformed host or port, and any character that is not percent-encoded.
result<url> parse_url(std::string_view text);

} // namespace dubber::wire

namespace dubber {

/// Every byte but unreserved ones as %XX; '/' stays if `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash);

} // namespace dubber
