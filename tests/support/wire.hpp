#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace dubber::test {

constexpr std::chrono::seconds patience{20};

/// Looks again and again until it is so; whether it ever was, within
/// `patience`.
template <class Condition>
bool eventually(Condition is_so) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2}); // between looks
  }
  return true;
}

struct wire_answer {
  int status = 0;
  std::string head;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    auto i = headers.find(name);
    return i == headers.end() ? "" : i->second;
  }
};

/// One TCP connection to 127.0.0.1, byte by byte; waits are bounded.
class wire {
public:
  explicit wire(int port)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    connect_to(port);
  }

  /// An unconnected one, see `connect_to`.
  wire() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

  wire(wire&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), held_(std::move(other.held_)) {}
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  wire& operator=(wire&&) = delete;

  ~wire() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  void connect_to(int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0
        || ::connect(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
      throw std::runtime_error("cannot connect");
    int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  int fd() const {
    return fd_;
  }

  /// What the server no longer takes is dropped.
  void send(std::string_view text) {
    while (!text.empty()) {
      auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// No more from here; answers still come.
  void finish_sending() {
    ::shutdown(fd_, SHUT_WR);
  }

  /// Breaks the connection with a RST.
  void reset() {
    linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(std::exchange(fd_, -1));
  }

  /// @param bodiless The answer to a HEAD: nothing follows its head.
  wire_answer read_answer(bool bodiless = false) {
    wire_answer out;
    std::size_t end = 0;
    while ((end = held_.find("\r\n\r\n")) == std::string::npos)
      if (!fill())
        throw std::runtime_error("no answer; got: " + held_);
    out.head = held_.substr(0, end + 2);
    held_.erase(0, end + 4);
    parse(out);
    if (bodiless || out.status == 304)
      return out;
    auto length = std::stoul(out.header("content-length"));
    while (held_.size() < length)
      if (!fill())
        throw std::runtime_error("the body is cut off");
    out.body = held_.substr(0, length);
    held_.erase(0, length);
    return out;
  }

  /// Whether the server ends the connection without another byte.
  bool is_closed() {
    return held_.empty() && !fill() && held_.empty();
  }

  /// Whether nothing came for this long.
  bool is_silent(std::chrono::milliseconds how_long) {
    pollfd p{fd_, POLLIN, 0};
    return held_.empty()
           && ::poll(&p, 1, static_cast<int>(how_long.count())) == 0;
  }

  /// Everything up to the end of the connection.
  std::string read_all() {
    while (fill()) {
    }
    return std::move(held_);
  }

private:
  static void parse(wire_answer& out) {
    out.status = std::stoi(out.head.substr(9, 3));
    for (auto at = out.head.find("\r\n") + 2; at < out.head.size();) {
      auto end = out.head.find("\r\n", at);
      auto line = out.head.substr(at, end - at);
      auto colon = line.find(": ");
      auto name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      out.headers[name] = line.substr(colon + 2);
      at = end + 2;
    }
  }

  /// False at the end of the connection or of our patience.
  bool fill() {
    pollfd p{fd_, POLLIN, 0};
    auto most = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
    if (::poll(&p, 1, static_cast<int>(most.count())) != 1)
      throw std::runtime_error("the server is silent");
    char buffer[16 * 1024];
    auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0)
      held_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_ = -1;
  std::string held_;
};

} // namespace dubber::test
