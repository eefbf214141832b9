#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

/// A small HTTP server in a process of its own, for benchmarks: it answers
/// every request but those for /hold, which it keeps waiting.
namespace dubber::bench {

[[noreturn]] inline void give_up(const char* why) {
  std::fprintf(stderr, "bench: %s\n", why);
  std::exit(1);
}

inline std::string url(int port, std::string_view path) {
  return "http://127.0.0.1:" + std::to_string(port) + std::string{path};
}

inline void write_all(int fd, std::string_view text) {
  if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL)
      != static_cast<ssize_t>(text.size()))
    give_up("cannot send");
}

inline int connect_to(int port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int on = 1;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0
      || ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    give_up("cannot connect");
  return fd;
}

class stub {
public:
  /// @param backlog How many may connect at once.
  explicit stub(int backlog) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0
        || ::listen(listener_, backlog) != 0
        || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size)
             != 0
        || ::pipe(held_) != 0)
      give_up("cannot listen");
    port_ = ntohs(at.sin_port);
    child_ = ::fork();
    if (child_ < 0)
      give_up("cannot fork");
    if (child_ == 0)
      serve();
  }

  stub(const stub&) = delete;
  stub& operator=(const stub&) = delete;

  ~stub() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::close(listener_);
    ::close(held_[0]);
    ::close(held_[1]);
  }

  int port() const {
    return port_;
  }

  /// Until that many requests are held; gives up after 10 s of silence.
  void wait_held(int count) const {
    char buffer[4096];
    pollfd ready{held_[0], POLLIN, 0};
    while (count > 0) {
      if (::poll(&ready, 1, 10'000) <= 0)
        give_up("the slow calls do not arrive");
      count -= static_cast<int>(::read(held_[0], buffer, sizeof buffer));
    }
  }

private:
  [[noreturn]] void serve() const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // the parent may die first
    int poller = ::epoll_create1(EPOLL_CLOEXEC);
    watch(poller, listener_, EPOLLIN);
    std::vector<epoll_event> events(256);
    for (;;) {
      int n = ::epoll_wait(poller, events.data(), 256, -1);
      for (int i = 0; i < n; ++i) {
        int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_)
          accept_one(poller);
        else
          answer(fd);
      }
    }
  }

  static void watch(int poller, int fd, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_one(int poller) const {
    int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
      return;
    int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(poller, fd, EPOLLIN | EPOLLET);
  }

  /// Requests are small and come one at a time: one recv is one request.
  void answer(int fd) const {
    static constexpr std::string_view text
      = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Content-Length: 28\r\n\r\n{\"translated_text\":\"abcdef\"}";
    char buffer[4096];
    auto n = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n <= 0) {
      ::close(fd);
      return;
    }
    std::string_view request{buffer, static_cast<std::size_t>(n)};
    if (request.find(" /hold ") != std::string_view::npos) {
      if (::write(held_[1], "h", 1) != 1)
        ::_exit(1);
      return;
    }
    if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0)
      ::close(fd);
  }

  int listener_ = -1;
  int held_[2] = {-1, -1};
  int port_ = 0;
  pid_t child_ = -1;
};

} // namespace dubber::bench
