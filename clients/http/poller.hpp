#pragma once

#include "clients/http/deadlines.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <sys/epoll.h>

#include <array>
#include <system_error>

namespace dubber::wire {

/// Watches connected sockets by an epoll instance of its own, which is one
/// descriptor of the loop. Each is registered once, edge-triggered (epoll(7)):
/// the loop's own reactor would ask the kernel anew for every answer that is
/// waited for, and be told each time that one could write as well.
///
/// Edge-triggered: what is ready is told once; who is told reads until nothing
/// is left, and writes until the socket is full. Belongs to the loop's thread.
class poller {
public:
  struct readiness {
    bool readable = false;
    bool writable = false;
    /// The peer sends nothing more, or the connection is broken: what is left
    /// to read ends with that, and nothing tells of it again.
    bool hung_up = false;
  };

  class watcher {
  public:
    virtual ~watcher() = default;
    virtual void on_ready(readiness is) = 0;
  };

  /// @throws std::system_error where the system has no descriptor left.
  explicit poller(boost::asio::io_context& io);

  /// @param who Until `remove`, which has to come before the socket is closed.
  std::error_code add(int socket, watcher& who);
  void remove(int socket, watcher& who);

private:
  void wait();
  void turn();

  boost::asio::posix::basic_stream_descriptor<loop_executor> own_;
  std::array<epoll_event, 128> batch_;
  std::size_t told_ = 0;  ///< of the batch
  std::size_t count_ = 0; ///< events in it
};

} // namespace dubber::wire
