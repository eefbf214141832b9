#pragma once

#include "core/breaker.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace dubber {

/// Who waits at a gate, or holds one of its permits.
struct ticket {
  std::uint64_t job_no = 0;
  std::uint64_t id = 0; ///< unique within the gate

  bool operator==(const ticket&) const = default;
};

/// Lets work through to one service: a bulkhead (so many calls at once), a
/// circuit breaker (none while the service is down: the work is held, which
/// costs no attempt) and a queue that is fair over jobs.
///
///   ask --> waiting --grant: room, breaker closed or probing--> running
///     |                                                          |
///     +--queue full--> refused      withdraw, ended --> gone <---+
///
/// Next is: the highest priority; then the job with the fewest permits in use;
/// then the job served longest ago; within a job the order of asking.
class service_gate {
public:
  service_gate(int max_concurrent, breaker_policy policy,
               std::size_t max_waiting = 200'000);

  /// False when the queue is full.
  bool ask(ticket who, int priority);

  /// The asker is gone or does not want to any more; frees its permit.
  void withdraw(ticket who, time_point now);

  /// The call that the permit was for has ended.
  void ended(ticket who, bool blamed, time_point now);

  /// All who may start now.
  std::vector<ticket> grant(time_point now);

  /// When `grant` has to be asked again though nothing ended.
  std::optional<time_point> wake_at(time_point now) const;

  /// Until when everything is held, if it is.
  std::optional<time_point> held_until(time_point now) const {
    return breaker_.open_until(now);
  }

  breaker::state breaker_state(time_point now) const {
    return breaker_.current(now);
  }

  std::size_t waiting() const {
    return waiting_;
  }

  std::size_t running() const {
    return running_.size();
  }

  int max_concurrent() const {
    return max_concurrent_;
  }

private:
  using lane_key = std::pair<std::uint64_t, int>; // job, priority
  using rank = std::tuple<int, std::size_t, std::uint64_t, std::uint64_t>;
  struct queue {
    std::deque<std::uint64_t> ids;
    rank place;
  };

  rank rank_of(lane_key key) const;
  void reinsert(std::uint64_t job_no);
  bool take_running(ticket who);

  int max_concurrent_;
  std::size_t max_waiting_;
  breaker breaker_;
  std::size_t waiting_ = 0;
  std::uint64_t turn_ = 0;
  std::map<lane_key, queue> lanes_;
  std::map<rank, lane_key> order_;
  std::unordered_map<std::uint64_t, std::uint64_t> running_; // id -> job
  std::unordered_map<std::uint64_t, int> asked_;             // id -> priority
  std::unordered_map<std::uint64_t, std::size_t> in_use_;    // job -> permits
  std::unordered_map<std::uint64_t, std::uint64_t> served_;  // job -> turn
};

} // namespace dubber
