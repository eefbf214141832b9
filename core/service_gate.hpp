#pragma once

#include "core/breaker.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace dubber {

/// Who waits at a gate, or holds one of its permits.
struct ticket {
  std::uint64_t job_no = 0;
  std::uint64_t id = 0; ///< unique within the gate, ascending

  bool operator==(const ticket&) const = default;
};

struct gate_policy {
  int max_concurrent = 1;
  breaker_policy breaker;
  budget_policy budget;
  ms queue_timeout{86'400'000}; ///< longest wait, holds left out
  ms max_hold{86'400'000};      ///< longest time held
  std::size_t max_waiting = 200'000;
};

/// Of one ask.
struct gate_wish {
  int priority = 0;   ///< higher is served first
  double cost = 1;    ///< expected, in any unit: shares are by cost
  bool retry = false; ///< an attempt of this work failed before
};

struct gate_grant {
  ticket who;
  ms held{0}; ///< of its wait, because the breaker was not closed

  bool operator==(const gate_grant&) const = default;
};

struct gate_expiry {
  ticket who;
  bool held = false; ///< `max_hold` was reached; else `queue_timeout`

  bool operator==(const gate_expiry&) const = default;
};

/// Lets work through to one service: a bulkhead (so many calls at once), a
/// circuit breaker (none while the service is down: the work is held, which
/// costs no attempt), a budget of retries, and a queue that is fair over jobs.
///
///   ask --> waiting --grant: room, breaker closed or probing--> running
///     |        |                                                   |
///     |        +--queue_timeout, max_hold--> expired               |
///     +--queue full--> refused      withdraw, ended --> gone <-----+
///
/// Next is: the highest priority; then the job that got least (start-time fair
/// queueing, Goyal et al. 1996: each grant moves the job's virtual time by its
/// cost; who comes back or anew begins at the gate's time); then the job served
/// longest ago; within a job the order of asking. A probe is work that has not
/// failed before, if there is any: a service is not judged by odd work alone.
class service_gate {
public:
  explicit service_gate(gate_policy policy);

  /// False when the queue is full.
  bool ask(ticket who, gate_wish wish, time_point now);

  /// The asker is gone or does not want to any more; frees its permit.
  void withdraw(ticket who, time_point now);

  /// The call that the permit was for has ended.
  void ended(ticket who, call_outcome how, time_point now, double chance);

  /// Whether somebody may start now.
  bool can_grant(time_point now) const;

  /// All who may start now, `most` of them at most.
  std::vector<gate_grant> grant(time_point now, std::size_t most = SIZE_MAX);

  /// All who have waited too long; they are gone then.
  std::vector<gate_expiry> expire(time_point now);

  /// When `grant` and `expire` have to be asked again though nothing ended.
  std::optional<time_point> wake_at(time_point now) const;

  void force_open(time_point now);
  void release(time_point now); ///< takes it back
  void close(time_point now);
  void configure(const gate_policy& policy, time_point now);

  const breaker& circuit() const {
    return breaker_;
  }
  std::size_t waiting() const {
    return asked_.size();
  }
  /// Jobs that have work waiting.
  std::size_t waiting_jobs() const;
  std::size_t running() const {
    return running_.size();
  }
  std::size_t retries_running() const {
    return retries_;
  }
  std::size_t retries_allowed() const;
  const gate_policy& policy() const {
    return policy_;
  }

private:
  struct lane_key {
    std::uint64_t job_no;
    int priority;
    bool retry;
    // NOLINTNEXTLINE(modernize-use-nullptr)
    auto operator<=>(const lane_key&) const = default;
  };
  using rank = std::tuple<int, double, std::uint64_t, std::uint64_t>;
  struct lane {
    std::vector<std::uint64_t> ids; ///< few: of one job
    rank place;
  };
  struct waiter {
    lane_key lane;
    double cost;
    time_point since;
    ms held_before; ///< of the gate's held time
  };
  struct share {
    double time = 0; ///< virtual
    std::uint64_t served = 0;
    std::size_t active = 0; ///< waiting and running
  };
  struct call {
    std::uint64_t job_no;
    std::uint64_t era;
    bool retry;
  };
  using order = std::map<rank, lane_key>;

  void reinsert(std::uint64_t job_no);
  void leave_queue(std::uint64_t id);
  void release(std::uint64_t job_no);
  std::optional<call> take_running(ticket who);
  const lane_key* next_lane(bool probing) const;
  bool is_probing(time_point now) const {
    return breaker_.current(now) == breaker::state::half_open;
  }
  void note_state(time_point now);
  ms held_total(time_point now) const;

  gate_policy policy_;
  breaker breaker_;
  std::map<std::uint64_t, waiter> asked_; ///< by ticket id: oldest first
  std::map<lane_key, lane> lanes_;
  order fresh_;
  order retrying_;
  std::unordered_map<std::uint64_t, call> running_; ///< by ticket id
  std::size_t retries_ = 0;
  std::unordered_map<std::uint64_t, share> shares_; ///< by job
  double time_ = 0;                                 ///< the gate's virtual time
  std::uint64_t turn_ = 0;
  ms held_{0};
  std::optional<time_point> held_since_;
};

} // namespace dubber
