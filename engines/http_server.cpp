#include "engines/http_server.hpp"

#include "engines/connection_threads.hpp"
#include "engines/http_connection.hpp"
#include "engines/multipart.hpp"

#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace dubber {

namespace {

constexpr int backlog = 512;
constexpr int silent_s = 10;
constexpr size_t most_waiting = 256;

/// httplib would let two services share a port (SO_REUSEPORT).
void socket_options(socket_t fd) {
  int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

/// Called when the head was read, before anything is done with it.
void prepare(httplib::Request& request, http_connection& connection) {
  uint64_t length = 0;
  auto text = request.get_header_value("Content-Length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  connection.expect_body(length, request.has_header("Transfer-Encoding"));
  // httplib applies any Range to any body and throws when it lies beyond the
  // end: only files that are streamed keep theirs.
  if (!request.path.starts_with("/store/"))
    request.ranges.clear();
  // Its reader of forms loses a boundary that comes in two pieces: ours reads
  // them, and httplib is not to know that it is one.
  auto type = request.get_header_value("Content-Type");
  request.headers.erase("Form-Boundary");
  if (auto boundary = multipart_boundary(type); !boundary.empty()) {
    request.headers.erase("Content-Type");
    request.headers.emplace("Form-Boundary", boundary);
  }
}

} // namespace

http_server::http_server() : stopping_(::eventfd(0, EFD_CLOEXEC)) {
  if (stopping_ < 0)
    throw std::runtime_error("no more descriptors");
  set_socket_options(socket_options);
  set_tcp_nodelay(true);
}

http_server::~http_server() {
  ::close(stopping_);
}

int http_server::bind_and_listen(const std::string& host, int port) {
  errno = 0;
  auto bound = port == 0 ? bind_to_any_port(host)
                         : (bind_to_port(host, port) ? port : -1);
  // httplib's backlog of 5 makes the sixth of a burst wait a second.
  if (bound <= 0 || ::listen(svr_sock_, backlog) != 0)
    throw std::runtime_error("cannot listen on " + host + ":"
                             + std::to_string(port) + (errno == 0 ? "" : ": ")
                             + (errno == 0 ? "" : std::strerror(errno)));
  // Who connects and says nothing holds no thread.
  ::setsockopt(svr_sock_, IPPROTO_TCP, TCP_DEFER_ACCEPT, &silent_s,
               sizeof silent_s);
  return bound;
}

void http_server::run(size_t threads, const std::function<void()>& on_ready) {
  // httplib makes the queue after it has noted that it runs.
  new_task_queue = [threads, on_ready] {
    auto queue = new connection_threads(threads, most_waiting);
    on_ready();
    return queue;
  };
  listen_after_bind();
}

void http_server::stop_reading() {
  uint64_t one = 1;
  // It cannot fail: the counter is far from its end.
  [[maybe_unused]] auto n = ::write(stopping_, &one, sizeof one);
  stop();
}

bool http_server::process_and_close_socket(socket_t fd) {
  bool closed = false;
  bool good = false;
  try {
    http_connection connection{fd, stopping_};
    auto begin = [&](httplib::Request& request) {
      prepare(request, connection);
    };
    // Debian 13's httplib is told the ends of the connection, Debian 12's asks.
    auto process = [&](auto& stream) {
      if constexpr (requires { process_request(stream, true, closed, begin); })
        return process_request(stream, true, closed, begin);
      else {
        std::string remote, local;
        int remote_port = 0, local_port = 0;
        stream.get_remote_ip_and_port(remote, remote_port);
        stream.get_local_ip_and_port(local, local_port);
        return process_request(stream, remote, remote_port, local, local_port,
                               true, closed, begin);
      }
    };
    good = process(connection);
    connection.linger();
  } catch (const std::exception& e) { // a head that httplib cannot bear
    std::fprintf(stderr, "connection_failed %s\n", e.what());
  }
  ::shutdown(fd, SHUT_RDWR);
  ::close(fd);
  return good;
}

} // namespace dubber
