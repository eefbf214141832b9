#pragma once

#include "clients/http/poller.hpp"
#include "clients/http/pool.hpp"
#include "clients/http/resolver.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>

namespace dubber::wire {

/// What the other threads leave for the loop: handed over in batches, one
/// wake-up for all.
struct mailbox {
  std::mutex mutex;
  std::vector<call_ptr> started;
  std::vector<call_ptr> cancelled;
  /// Null once the loop has ended.
  client_loop* loop = nullptr;
};

/// The event loop and what its parts share. All but `mail` belongs to the
/// loop's thread.
class client_loop {
public:
  client_loop(http_client_limits limits, http_client_tls tls,
              http_client_observer* observer);
  ~client_loop();

  /// From any thread.
  static void start(mailbox& box, call_ptr what);
  static void cancel(mailbox& box, call_ptr what);

  /// The thread's whole life; returns after `stop`.
  void run();

  /// From any thread: ends all calls as `cancelled`.
  void stop();

  /// Ends a call that is neither waiting nor on a connection any more.
  void finish(call& what, result<http_response> outcome);

  /// The call's deadline has passed.
  void expired(call& what);

  template <class F>
  void later(F f) {
    boost::asio::post(io, std::move(f));
  }

  /// From any thread.
  void later_at(steady_time when, std::function<void()> what);

  /// Whether the caller is the loop.
  bool is_own_thread() {
    return io.get_executor().running_in_this_thread();
  }

  http_client_limits limits;
  http_client_observer* observer;
  boost::asio::io_context io{1};
  deadlines timers{io};
  poller sockets{io};
  resolver names{io};
  tls_context tls;
  int waiting = 0;
  std::array<char, 64 * 1024> scratch;
  std::shared_ptr<mailbox> mail = std::make_shared<mailbox>();

private:
  struct alarm;

  void collect();
  void accept(call_ptr what);
  call_ptr detach(call& what);
  void shut_down();
  pool& pool_for(const call& what);

  boost::asio::executor_work_guard<loop_executor> work_{io.get_executor()};
  std::unordered_map<std::string, std::unique_ptr<pool>> pools_;
  std::list<alarm> alarms_; ///< that will ring
};

} // namespace dubber::wire
