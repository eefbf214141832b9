#include "engines/http_connection.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace dubber {

namespace {

using namespace std::chrono_literals;

constexpr size_t largest_head = 64 << 10;
constexpr auto head_timeout = 10s;
constexpr auto body_idle = 30s;
constexpr auto body_allowance = 60s;
constexpr uint64_t least_bytes_per_ms = 1; // after the allowance
constexpr auto write_idle = 30s;
constexpr auto linger_idle = 1s;
constexpr auto linger_longest = 5s;

thread_local const http_connection* served = nullptr;

void address(bool good, const sockaddr_storage& from, socklen_t size,
             std::string& ip, int& port) {
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  if (!good
      || ::getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, host,
                       sizeof host, service, sizeof service,
                       NI_NUMERICHOST | NI_NUMERICSERV)
           != 0)
    return;
  ip = host;
  port = std::atoi(service);
}

} // namespace

http_connection::http_connection(int fd, int stopping)
  : fd_(fd), stopping_(stopping), buffer_(64 << 10), began_(clock::now()) {
  served = this;
}

http_connection::~http_connection() {
  served = nullptr;
}

const http_connection* http_connection::current() {
  return served;
}

bool http_connection::wait(short events, clock::time_point until) const {
  for (;;) {
    auto left
      = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    if (left.count() <= 0)
      return false;
    pollfd fds[2] = {{fd_, events, 0}, {stopping_, POLLIN, 0}};
    // An answer is still written while the service stops.
    auto count = (events & POLLIN) != 0 ? 2u : 1u;
    auto n = ::poll(fds, count, static_cast<int>(left.count()));
    if (n < 0 && errno != EINTR)
      return false;
    if (n > 0)
      return count == 1 || fds[1].revents == 0;
  }
}

http_connection::clock::time_point http_connection::read_deadline() const {
  if (in_head_)
    return began_ + head_timeout;
  auto slowest = began_ + body_allowance
                 + std::chrono::milliseconds{body_bytes_ / least_bytes_per_ms};
  return std::min<clock::time_point>(clock::now() + body_idle, slowest);
}

ssize_t http_connection::fill() {
  if (!wait(POLLIN, read_deadline()))
    return -1;
  ssize_t n = 0;
  do
    n = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
  while (n < 0 && errno == EINTR);
  first_ = 0;
  last_ = n > 0 ? static_cast<size_t>(n) : 0;
  return n;
}

/// httplib ends a head at an empty line that is CR LF.
void http_connection::watch_head(char byte) {
  ++head_bytes_;
  if (byte == '\n') {
    if (line_ends_ == 2)
      in_head_ = false;
    line_ends_ = 1;
  } else
    line_ends_ = byte == '\r' && line_ends_ == 1 ? 2 : 0;
}

ssize_t http_connection::read(char* buffer, size_t size) {
  if (in_head_ && head_bytes_ >= largest_head)
    return -1;
  if (first_ == last_)
    if (auto n = fill(); n <= 0)
      return n;
  auto count = std::min(size, last_ - first_);
  if (in_head_) {
    count = std::min<size_t>(count, 1);
    if (count == 1)
      watch_head(buffer_[first_]);
  } else
    body_bytes_ += count;
  std::copy_n(buffer_.data() + first_, count, buffer);
  first_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t http_connection::write(const char* data, size_t size) {
  for (;;) {
    if (!wait(POLLOUT, clock::now() + write_idle))
      return -1;
    auto n = ::send(fd_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0 || (errno != EINTR && errno != EAGAIN))
      return n;
  }
}

bool http_connection::is_readable() const {
  return first_ < last_ || wait(POLLIN, read_deadline());
}

bool http_connection::is_writable() const {
  return wait(POLLOUT, clock::now() + write_idle);
}

void http_connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  auto good
    = ::getpeername(fd_, reinterpret_cast<sockaddr*>(&from), &size) == 0;
  address(good, from, size, ip, port);
}

void http_connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  auto good
    = ::getsockname(fd_, reinterpret_cast<sockaddr*>(&from), &size) == 0;
  address(good, from, size, ip, port);
}

void http_connection::expect_body(uint64_t length, bool chunked) {
  body_length_ = length;
  chunked_ = chunked;
}

void http_connection::linger() {
  if (!in_head_ && !chunked_ && body_bytes_ >= body_length_)
    return;
  ::shutdown(fd_, SHUT_WR);
  auto end = clock::now() + linger_longest;
  while (
    wait(POLLIN, std::min<clock::time_point>(end, clock::now() + linger_idle)))
    if (::recv(fd_, buffer_.data(), buffer_.size(), 0) <= 0)
      return;
}

bool http_connection::client_is_gone() const {
  pollfd p{fd_, POLLRDHUP, 0};
  return ::poll(&p, 1, 0) > 0
         && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

} // namespace dubber
