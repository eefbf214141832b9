#pragma once

#include "core/policy.hpp"

#include <optional>
#include <string_view>

namespace dubber {

/// Keeps calls away from a service that fails.
///
///   closed --`consecutive` failures in a row--> open
///     ^                                          | `open` has passed
///     |                                          v
///     +------------- a probe succeeds ------ half_open
///                                               |
///             open <----- a probe fails --------+
class breaker {
public:
  enum class state { closed, open, half_open };

  explicit breaker(breaker_policy policy = {}) : policy_(policy) {
    // nop
  }

  /// Whether one more call may leave now (half open: a probe is left).
  bool may_call(time_point now) const;

  /// A call left. Counts the probes.
  void granted(time_point now);

  /// A call ended. @param blamed The service failed (`blames_service`).
  void ended(bool blamed, time_point now);

  /// A call ended without saying anything about the service.
  void released(time_point now);

  state current(time_point now) const;

  /// When the next probe may leave, while open.
  std::optional<time_point> open_until(time_point now) const;

private:
  void trip(time_point now);

  breaker_policy policy_;
  bool tripped_ = false;
  int failures_ = 0; ///< in a row
  int probes_ = 0;   ///< in flight
  time_point until_;
};

std::string_view to_string(breaker::state state);

} // namespace dubber
