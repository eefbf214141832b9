#include "clients/http/transport.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace dubber::wire {

namespace {

int clamp(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

} // namespace

std::error_code transport::watch(poller& by, poller::watcher& who) {
  boost::system::error_code error;
  connected_ = file_descriptor{socket_.release(error)};
  if (error)
    return {error.value(), std::generic_category()};
  if (auto failed = by.add(connected_.get(), who))
    return failed;
  poller_ = &by;
  watcher_ = &who;
  return {};
}

io_outcome transport::after_ssl(int result) {
  if (result > 0)
    return {io_outcome::done, static_cast<std::size_t>(result)};
  auto saved = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
  case SSL_ERROR_WANT_READ:
    return {io_outcome::want_read, 0};
  case SSL_ERROR_WANT_WRITE:
    return {io_outcome::want_write, 0};
  case SSL_ERROR_ZERO_RETURN:
    return {io_outcome::end, 0};
  case SSL_ERROR_SYSCALL:
    broken_ = true;
    problem_ = saved != 0 ? std::strerror(saved) : "closed by the peer";
    return {io_outcome::failed, 0};
  default:
    broken_ = true;
    auto verified = SSL_get_verify_result(ssl_.get());
    problem_ = "TLS: " + tls_error_text();
    if (verified != X509_V_OK)
      problem_ = std::string{"TLS: certificate not accepted: "}
                 + X509_verify_cert_error_string(verified);
    return {io_outcome::failed, 0};
  }
}

io_outcome transport::after_socket(ssize_t result, io_outcome::kind again) {
  if (result >= 0)
    return {io_outcome::done, static_cast<std::size_t>(result)};
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return {again, 0};
  problem_ = std::strerror(errno);
  return {io_outcome::failed, 0};
}

io_outcome transport::handshake() {
  ERR_clear_error();
  errno = 0;
  auto out = after_ssl(SSL_do_handshake(ssl_.get()));
  established_ = out.what == io_outcome::done;
  return out;
}

io_outcome transport::read(char* to, std::size_t max) {
  if (ssl_) {
    ERR_clear_error();
    errno = 0;
    return after_ssl(SSL_read(ssl_.get(), to, clamp(max)));
  }
  ssize_t got = 0;
  do {
    got = ::recv(connected_.get(), to, max, 0);
  } while (got < 0 && errno == EINTR);
  if (got == 0)
    return {io_outcome::end, 0};
  return after_socket(got, io_outcome::want_read);
}

io_outcome transport::write(const char* from, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    errno = 0;
    return after_ssl(SSL_write(ssl_.get(), from, clamp(size)));
  }
  ssize_t sent = 0;
  do {
    sent = ::send(connected_.get(), from, size, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return after_socket(sent, io_outcome::want_write);
}

void transport::close() {
  // A polite close_notify, without waiting for the peer's.
  if (ssl_ && established_ && !broken_ && connected_.open()) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  if (poller_ != nullptr)
    poller_->remove(connected_.get(), *watcher_);
  poller_ = nullptr;
  connected_ = file_descriptor{};
  boost::system::error_code ignored; // closing cannot fail in a useful way
  socket_.close(ignored);
}

} // namespace dubber::wire
