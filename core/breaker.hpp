#pragma once

#include "core/policy.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace dubber {

/// How a call to a service ended, as far as its breaker is concerned.
struct call_outcome {
  bool blamed = false; ///< the service failed (`blames_service`)
  bool slow = false;   ///< took longer than `slow_after` of its deadline
};

/// Keeps calls away from a service that fails (after Nygard's Release It! and
/// resilience4j).
///
///   closed --failures in a row, or the window's rate--> open
///     ^                                                  | its time has passed
///     |                                                  v
///     +-------- `half_open_calls` probes succeed ---- half_open
///                                                        |
///             open, for longer <---- a probe fails ------+
///
///   any --by hand--> forced_open --by hand--> closed, or as it was (`release`)
///
/// A call counts only for the state it left in: `era` tells which.
class breaker {
public:
  enum class state { closed, open, half_open, forced_open };

  explicit breaker(breaker_policy policy = {}) : policy_(policy) {
    // nop
  }

  /// Whether one more call may leave now (half open: a probe is left).
  bool may_call(time_point now) const;

  /// A call leaves. @returns Its era, to be given back when it ends.
  std::uint64_t granted(time_point now);

  /// A call ended. @param chance In [0, 1): lengthens the open time by up to a
  /// fifth, so that not all breakers try again at once.
  void ended(std::uint64_t era, call_outcome how, time_point now,
             double chance);

  /// A call ended without saying anything about the service.
  void released(std::uint64_t era);

  void force_open();
  /// Takes `force_open` back.
  void release();
  /// Closes it, whatever it was, and forgets what it saw.
  void close();

  /// Takes other limits; the state stays, unless as many probes have succeeded
  /// by now as there have to.
  void configure(breaker_policy policy);

  state current(time_point now) const;

  /// When the next probe may leave, while open.
  std::optional<time_point> open_until(time_point now) const;

  /// What the window holds.
  struct counts {
    int calls = 0;
    int failed = 0;
    int slow = 0;
    int in_a_row = 0; ///< failures, the newest calls
  };
  const counts& seen() const {
    return seen_;
  }

private:
  struct call {
    time_point at;
    call_outcome how;
  };

  void count(call_outcome how, time_point now);
  void drop_oldest();
  bool is_too_much() const;
  void trip(time_point now, double chance);

  breaker_policy policy_;
  std::uint64_t era_ = 0;
  bool tripped_ = false;
  bool forced_ = false;
  int trips_ = 0;     ///< since it was closed
  int probes_ = 0;    ///< in flight
  int successes_ = 0; ///< of probes
  time_point until_;
  std::deque<call> window_;
  counts seen_;
};

std::string_view to_string(breaker::state state);

} // namespace dubber
