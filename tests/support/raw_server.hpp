#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace dubber::test {

/// One accepted connection, driven by a test's script with blocking calls.
class peer {
public:
  explicit peer(int fd) : fd_(fd) {
    // nop
  }

  int fd() const {
    return fd_;
  }

  /// Reads up to and with the empty line after the head; empty at the end.
  std::string read_head() {
    return read_until("\r\n\r\n");
  }

  /// Reads a request with its Content-Length body.
  std::string read_request() {
    auto head = read_head();
    auto at = head.find("Content-Length: ");
    if (at == std::string::npos)
      return head;
    auto size = std::stoul(head.substr(at + 16));
    while (held_.size() < size && fill()) {
    }
    auto body = held_.substr(0, size);
    held_.erase(0, body.size());
    return head + body;
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return; // the client is gone: the test sees it by its own means
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void answer(std::string_view body, std::string_view status = "200 OK") {
    send("HTTP/1.1 " + std::string{status} + "\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
  }

  /// Blocks until the client closes or resets.
  void wait_closed() {
    while (fill())
      held_.clear();
  }

private:
  bool fill() {
    char buffer[16 * 1024];
    auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0)
      held_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }

  std::string read_until(std::string_view mark) {
    std::size_t at;
    while ((at = held_.find(mark)) == std::string::npos)
      if (!fill())
        return {};
    auto out = held_.substr(0, at + mark.size());
    held_.erase(0, out.size());
    return out;
  }

  int fd_;
  std::string held_;
};

/// A server on a free loopback port: the script runs once for each accepted
/// connection, on a thread of its own, with the connection's number from 0.
class raw_server {
public:
  using script = std::function<void(peer&, int number)>;

  explicit raw_server(script run) : run_(std::move(run)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&at), size) != 0
        || ::listen(fd_, 4096) != 0
        || ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::runtime_error("no loopback port");
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread{[this] {
      accept_all();
    }};
  }

  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  ~raw_server() {
    ::shutdown(fd_, SHUT_RDWR); // wakes accept
    acceptor_.join();
    ::close(fd_);
    {
      std::lock_guard guard{mutex_};
      for (auto& one : open_)
        if (one.fd >= 0)
          ::shutdown(one.fd, SHUT_RDWR);
    }
    for (auto& one : open_)
      one.thread.join();
  }

  int port() const {
    return port_;
  }

  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string{path};
  }

  int accepted() const {
    return accepted_;
  }

private:
  struct entry {
    int fd;
    std::thread thread;
  };

  void accept_all() {
    for (;;) {
      int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0)
        return;
      int number = accepted_++;
      std::lock_guard guard{mutex_};
      auto& one = open_.emplace_back();
      one.fd = fd;
      one.thread = std::thread{[this, &one, fd, number] {
        peer client{fd};
        run_(client, number);
        std::lock_guard inner{mutex_};
        ::close(fd);
        one.fd = -1;
      }};
    }
  }

  script run_;
  int fd_ = -1;
  int port_ = 0;
  std::atomic<int> accepted_{0};
  std::thread acceptor_;
  std::mutex mutex_;
  std::list<entry> open_;
};

} // namespace dubber::test
