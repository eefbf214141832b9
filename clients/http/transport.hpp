#pragma once

#include "clients/http/file_descriptor.hpp"
#include "clients/http/poller.hpp"
#include "clients/http/tls_context.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace dubber::wire {

using tcp_socket
  = boost::asio::basic_stream_socket<boost::asio::ip::tcp, loop_executor>;

/// What one non-blocking read, write or handshake came to.
struct io_outcome {
  enum kind { done, want_read, want_write, end, failed };
  kind what = done;
  std::size_t bytes = 0;
};

/// Bytes over a non-blocking socket, with or without TLS. It never waits: the
/// socket's buffers are the only ones, so a connection that waits costs no
/// memory of ours.
class transport {
public:
  explicit transport(boost::asio::io_context& io) : socket_(io) {
    // nop
  }

  /// To connect with, up to `watch`.
  tcp_socket& socket() {
    return socket_;
  }

  /// From now on `by` tells `who` what can be done.
  std::error_code watch(poller& by, poller::watcher& who);

  /// Of the connected socket.
  int descriptor() const {
    return connected_.get();
  }

  void secure(ssl_session session) {
    ssl_ = std::move(session);
  }

  bool secured() const {
    return ssl_ != nullptr;
  }

  /// Whether decrypted bytes wait that the socket knows nothing of.
  bool holds_bytes() const {
    return ssl_ && SSL_pending(ssl_.get()) > 0;
  }

  io_outcome handshake();
  io_outcome read(char* to, std::size_t max);
  io_outcome write(const char* from, std::size_t size);

  /// Why the last operation failed.
  const std::string& problem() const {
    return problem_;
  }

  void close();

private:
  io_outcome after_ssl(int result);
  io_outcome after_socket(ssize_t result, io_outcome::kind again);

  tcp_socket socket_;
  poller* poller_ = nullptr;
  poller::watcher* watcher_ = nullptr;
  file_descriptor connected_;
  ssl_session ssl_;
  bool broken_ = false;
  bool established_ = false;
  std::string problem_;
};

} // namespace dubber::wire
