#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dubber {

/// An absolute http or https URL, split (RFC 3986). No user info, no fragment.
struct http_url {
  bool tls = false;
  std::string host; ///< an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target; ///< path and query, at least "/"

  /// The value of the Host header.
  std::string authority() const;
};

/// Fault `refused` with a message that says what is wrong.
result<http_url> parse_url(std::string_view text);

/// Every byte but unreserved ones as %XX; '/' stays if `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash);

} // namespace dubber
