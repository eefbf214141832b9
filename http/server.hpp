#pragma once

#include "http/routes.hpp"
#include "metrics/probe.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace dubber {

struct server_settings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8400; ///< 0: any free one
  int max_in_flight = 1'024; ///< requests; one more is answered 503
  /// A request that nobody answered by then gets 504.
  ms answer_timeout{10'000};
  std::string swagger_dir;
};

/// The front end: RESTinio on one thread of its own.
class http_server {
public:
  /// Fault `refused` when it cannot listen.
  static result<std::unique_ptr<http_server>>
  start(server_settings settings, coordinator& jobs,
        std::function<std::string()> metrics, probe& says);
  virtual ~http_server() = default;

  virtual std::uint16_t port() const = 0;

  /// Takes no new connections and waits, at most `limit`, for the answers in
  /// flight; then ends.
  virtual void stop(ms limit) = 0;
};

} // namespace dubber
