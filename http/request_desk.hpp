#pragma once

#include "http/loop_door.hpp"
#include "http/open_requests.hpp"
#include "http/routes.hpp"
#include "metrics/probe.hpp"

#include <atomic>
#include <memory>

namespace dubber {

struct desk_limits {
  std::size_t max_in_flight = 1'024; ///< one more that waits: 503
  ms answer_timeout{10'000};         ///< then 504
};

/// Sees to it that each request is answered exactly once: by its route, by the
/// time limit, or because everybody forgot it. Lives on the server's thread;
/// answers come in by `door` from any thread.
class request_desk {
public:
  using id = open_requests::id;
  using clock = open_request::clock;

  /// Puts an answer on the wire and lets go of the mark when it is written.
  using writer = std::function<void(http_answer, std::shared_ptr<void> mark)>;

  request_desk(route_settings routes, desk_limits limits, probe& says,
               std::shared_ptr<loop_door> door);
  request_desk(const request_desk&) = delete;
  request_desk& operator=(const request_desk&) = delete;

  /// @param on_written Called whenever a request is over.
  void watch_written(std::function<void()> on_written);

  void take_in(http_call_in call, writer write);

  /// When the next request runs out of time.
  std::optional<clock::time_point> next_deadline() const;

  /// Answers what has run out of time.
  void expire(clock::time_point now);

  /// No more waiting: answers all that are open.
  void refuse_all();

  /// From now on what is lost was lost to the stop.
  void begin_stop();

  /// The newest request so far, and whether all up to one are over.
  id last() const;
  bool settled(id upto) const;

private:
  std::shared_ptr<void> written_mark(id key);
  reply reply_to(id key);
  void answer(id key, http_answer what);
  http_answer lost_answer() const;

  template <class Make>
  void answer_made(id key, Make make);

  route_settings routes_;
  desk_limits limits_;
  probe& says_;
  std::shared_ptr<loop_door> door_;
  std::function<void()> on_written_;
  open_requests requests_;
  std::atomic<bool> stopping_ = false;
};

} // namespace dubber
