#pragma once

#include "core/boxed.hpp"
#include "core/fault.hpp"
#include "core/policy.hpp"
#include "core/work_wait.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace dubber {

/// What a piece of work begins with; after a restart with what the journal says
/// was used up already.
struct stage_setup {
  retry_policy retry;
  int failed_attempts = 0;
  ms first_pause{0};
  ms total_timeout{86'400'000}; ///< for all attempts, holds left out
  ms max_hold{86'400'000};
};

/// How long a service that is down may answer the same work with failures
/// before the work is charged: half as long again as the outage of ten minutes
/// that nobody should notice.
inline constexpr ms doubt{900'000};

/// Drives one item of one stage from "ready" to "done" or "failed". Knows
/// nothing of actors, sockets or clocks.
///
///   idle --start--> asking --granted--> calling --replied--> done
///     |              ^   |                 |
///     | first_pause  |   | queue_full      | failed
///     v              |   v                 +--nobody's fault----> pausing
///    pausing --pause_over                  +--the service's-----> judging
///       ^                                  +--the work's own----> gave_up
///       |                                                             ^
///       |    judging: the service is down (its breaker not closed)    |
///       |      +--may still be its fault--> asking: held, not charged |
///       |      +--attempts and time left--> recording                 |
///       |      +--none, but the service did nothing but fail--> pausing
///       |      +--none--------------------------------------------->--+
///       +----recorded---- recording
///
///   asking --expired: waited too long for a permit--> gave_up
///
/// A failed attempt is on record (in the journal) before the next one begins.
/// While the service is down nobody's attempts are used up: without any answer
/// for `max_hold`, with a failing answer (5xx, timeout) for `doubt`, since the
/// work itself may be what brings such an answer about. A bad answer is always
/// charged.
class stage_machine {
public:
  // -- events
  // ------------------------------------------------------------------
  struct start {};
  struct granted {};
  struct queue_full {};
  struct replied {};
  struct failed {
    fault why;
    ms spent{0}; ///< since the start, holds left out
    ms held{0};  ///< without an end by faults that are nobody's
    ms down{0};  ///< without an end by a service that is down
    /// Longer than whatever this service has managed: failing answers are
    /// charged, so that it is cut in two soon, and not held against the
    /// service.
    bool maybe_too_long = false;
  };
  /// What the gate says to a failure of the service.
  struct judged {
    bool service_down; ///< its breaker is not closed
    /// No call succeeded since this work failed first, whoever made it.
    bool only_failures = false;
  };
  /// The wait for a permit took too long; no attempt was made.
  struct expired {
    fault why;
  };
  struct recorded {};
  struct pause_over {};
  using event = std::variant<start, granted, queue_full, replied, failed,
                             judged, expired, recorded, pause_over>;

  // -- actions
  // -----------------------------------------------------------------
  struct ask_permit {};
  /// The attempt is not charged: the service is down.
  struct forgive {
    fault why;
  };
  struct call {
    int attempt;
  };
  struct end_permit {
    bool blamed;
  };
  struct record_failure {
    int attempt;
    fault why;
    ms pause;
  };
  struct pause {
    ms length;
    work_wait why; ///< retry, disk or permit
  };
  struct finish {
    int attempt;
  };
  struct give_up {
    int attempt;
    fault why;
  };
  using action = std::variant<ask_permit, forgive, call, end_permit,
                              record_failure, pause, finish, give_up>;

  enum class state {
    idle,
    asking,
    calling,
    judging,
    recording,
    pausing,
    done,
    gave_up
  };

  explicit stage_machine(stage_setup setup = {}) : setup_(setup) {
    // nop
  }

  /// Handles `what`; an event that does not fit the state changes nothing.
  /// @param chance In [0, 1), for the jitter.
  std::vector<action> on(const event& what, double chance);

  /// Other limits, from the next failure on.
  void follow(const retry_policy& retry, ms total_timeout, ms max_hold) {
    setup_.retry = retry;
    setup_.total_timeout = total_timeout;
    setup_.max_hold = max_hold;
  }

  state current() const noexcept {
    return state_;
  }

  /// The attempt under way, or the one to come.
  int attempt() const noexcept {
    return setup_.failed_attempts + 1;
  }

  /// Whether this work failed before, charged or not.
  bool failed_before() const noexcept {
    return forgiven_ || setup_.failed_attempts > 0;
  }

private:
  std::vector<action> on_failed(const failed& x, double chance);
  std::vector<action> on_judged(const judged& x, double chance);
  action settle(const failed& x, double chance);
  ms patience(fault_code code) const;

  stage_setup setup_;
  state state_ = state::idle;
  boxed<failed> judged_; ///< while judging
  bool forgiven_ = false;
  ms next_pause_{0};
};

} // namespace dubber
