#pragma once

#include "http/routes.hpp"
#include "metrics/probe.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace dubber {

struct server_settings {
  std::string host = "127.0.0.1"; ///< an address, or `localhost`
  std::uint16_t port = 8400;      ///< 0: any free one
  /// Requests not yet answered; one more of a route that waits gets 503.
  std::size_t max_in_flight = 1'024;
  /// One more is closed at once. Fewer where the process may not open four
  /// times as many files.
  std::size_t max_connections = 2'048;
  /// A request that nobody answered by then gets 504.
  ms answer_timeout{10'000};
  /// From the end of one request to the end of the next, so also how long a
  /// connection may be idle.
  ms read_timeout{30'000};
  ms write_timeout{30'000}; ///< of an answer that is not a file
};

/// The front end: RESTinio on one thread of its own.
class http_server {
public:
  /// Fault `refused` when it cannot listen.
  static result<std::unique_ptr<http_server>>
  start(server_settings settings, route_settings routes, probe& says);
  virtual ~http_server() = default;

  virtual std::uint16_t port() const = 0;

  /// Waits, at most `limit`, until what was asked before this call is answered
  /// and sent. New requests are served meanwhile, and their connections ended,
  /// so that the callers look for another server.
  virtual void drain(ms limit) = 0;

  /// Takes no new connections, waits like `drain` for everything, answers 503
  /// to what is open then, and ends.
  virtual void stop(ms limit) = 0;
};

} // namespace dubber
