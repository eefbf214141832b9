#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace dubber {

/// Where a broker is and who we are there.
struct amqp_address {
  std::string host = "localhost";
  std::uint16_t port = 5672; ///< 5671 for amqps
  std::string user = "guest";
  std::string password = "guest";
  std::string vhost = "/";
  bool tls = false;
  ms heartbeat{30'000}; ///< asked of the broker; whole seconds

  bool operator==(const amqp_address&) const = default;
};

/// Reads a broker's URL the way Celery (kombu 5) does:
/// `amqp[s]://[user[:password]@][host][:port][/vhost][?heartbeat=SECONDS]`.
/// One slash after the port is not part of the virtual host's name, so that
/// `//`, `/`, `/%2F` and nothing at all name the vhost `/`. (RabbitMQ's own URI
/// specification reads `/` as the vhost without a name.)
/// @return the address, or why it is none, for people.
std::variant<amqp_address, std::string> parse_amqp_url(std::string_view url);

} // namespace dubber
