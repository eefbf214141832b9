#pragma once

#include "core/time.hpp"

#include <vector>

namespace dubber {

/// How often a dead actor may be started again (Erlang/OTP, supervisor:
/// intensity and period): at most `max_restarts` within `within`.
class restart_window {
public:
  explicit restart_window(std::size_t max_restarts = 3, ms within = ms{60'000})
    : max_(max_restarts), within_(within) {
    // nop
  }

  /// Counts a restart, unless there were too many lately.
  bool may_restart(time_point now) {
    std::erase_if(recent_, [&](auto t) { return t + within_ <= now; });
    if (recent_.size() >= max_)
      return false;
    recent_.push_back(now);
    return true;
  }

private:
  std::size_t max_;
  ms within_;
  std::vector<time_point> recent_; // few, and mostly none: takes no room then
};

} // namespace dubber
