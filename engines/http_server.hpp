#pragma once

#include "engines/httplib.hpp"

#include <string>

namespace dubber {

/// httplib's server on our connections: one request each, bounded, and a stop
/// that waits for no idle client.
class http_server : public httplib::Server {
public:
  http_server();
  ~http_server() override;

  /// The port it got. Throws std::runtime_error when the port is taken, even
  /// by another engine.
  int bind_and_listen(const std::string& host, int port);

  /// Accepts until stop() and returns when the last request was answered.
  /// `on_ready` is called once a stop() takes effect.
  void run(size_t threads, const std::function<void()>& on_ready);

  /// Ends run(): nothing is accepted or read any more, answers are written.
  void stop_reading();

private:
  bool process_and_close_socket(socket_t fd) override;

  int stopping_; // an eventfd
};

} // namespace dubber
