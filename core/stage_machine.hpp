#pragma once

#include "core/fault.hpp"
#include "core/policy.hpp"

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

/// Drives one item of one stage from "ready" to "done" or "failed". Knows
/// nothing of actors, sockets or clocks.
///
///   idle --start--> asking --granted--> calling --replied--> done
///     |              ^   |                 |
///     | first_pause  |   | queue_full      | failed
///     v              |   v                 +--nobody's fault---> pausing
///    pausing --pause_over                  +--attempts left----> recording
///       ^                                  +--none or no time--> failed
///       +------------recorded------------- recording
///
///   asking --expired: waited too long for a permit--> failed
///
/// A failed attempt is on record (in the journal) before the next one begins.
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
  };
  /// The wait for a permit took too long; no attempt was made.
  struct expired {
    fault why;
  };
  struct recorded {};
  struct pause_over {};
  using event = std::variant<start, granted, queue_full, replied, failed,
                             expired, recorded, pause_over>;

  // -- actions
  // -----------------------------------------------------------------
  struct ask_permit {};
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
    /// Why, for people: `retry`, `disk` or `permit`.
    const char* reason;
  };
  struct finish {
    int attempt;
  };
  struct give_up {
    int attempt;
    fault why;
  };
  using action = std::variant<ask_permit, call, end_permit, record_failure,
                              pause, finish, give_up>;

  enum class state { idle, asking, calling, recording, pausing, done, gave_up };

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

private:
  std::vector<action> on_failed(const failed& x, double chance);

  stage_setup setup_;
  state state_ = state::idle;
  ms next_pause_{0};
};

} // namespace dubber
