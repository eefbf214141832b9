#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace dubber {

/// Where a Redis is, and which of its databases.
struct redis_address {
  std::string host = "localhost";
  std::uint16_t port = 6379;
  std::string user;     ///< empty: the default user
  std::string password; ///< empty: none is asked for
  int database = 0;

  bool operator==(const redis_address&) const = default;
};

/// Reads `redis://[[user]:password@][host][:port][/database]` as Celery does.
/// (`rediss://`, that is TLS, is refused: Debian's hiredis does not have it.)
/// @return the address, or why it is none, for people.
std::variant<redis_address, std::string> parse_redis_url(std::string_view url);

} // namespace dubber
