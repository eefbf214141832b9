#pragma once

#include "engines/httplib.hpp"

#include <chrono>
#include <vector>

namespace dubber {

/// One request's connection as httplib reads and writes it, with the limits
/// that httplib lacks: the head is bounded in bytes and time, the body wants
/// a least speed, and everything ends when the service stops.
class http_connection : public httplib::Stream {
public:
  /// Both descriptors stay the caller's; `stopping` is readable from when the
  /// service stops.
  http_connection(int fd, int stopping);
  ~http_connection() override;
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* buffer, size_t size) override;
  ssize_t write(const char* data, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override {
    return fd_;
  }

  /// The head was read and announces such a body.
  void expect_body(uint64_t length, bool chunked);

  /// After the answer: swallows what the client still sends of its body, so
  /// that it reads the answer and not a reset connection. Bounded in time.
  void linger();

  /// True when the client closed the connection.
  bool client_is_gone() const;

  /// The connection that this thread serves, or null.
  static const http_connection* current();

private:
  using clock = std::chrono::steady_clock;

  bool wait(short events, clock::time_point until) const;
  clock::time_point read_deadline() const;
  ssize_t fill();
  void watch_head(char byte);

  int fd_;
  int stopping_;
  std::vector<char> buffer_;
  size_t first_ = 0; // unread bytes of buffer_
  size_t last_ = 0;
  clock::time_point began_;
  bool in_head_ = true;
  size_t head_bytes_ = 0;
  unsigned line_ends_ = 0; // of the \n \r \n that ends a head
  uint64_t body_bytes_ = 0;
  uint64_t body_length_ = 0;
  bool chunked_ = false;
};

} // namespace dubber
