#include "core/retry_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

std::optional<ms> next_pause(const retry_policy& policy, int failed_attempts,
                             const fault& why, double chance) {
  if (!is_retryable(why.code) || failed_attempts >= policy.max_attempts)
    return std::nullopt;
  auto bound = static_cast<double>(policy.initial.count())
               * std::pow(policy.multiplier, std::max(0, failed_attempts - 1));
  bound = std::min(bound, static_cast<double>(policy.cap.count()));
  ms pause{static_cast<ms::rep>(policy.jitter ? bound * chance : bound)};
  if (why.retry_after)
    pause = std::max(pause, std::min(*why.retry_after, max_retry_after));
  return pause;
}

} // namespace dubber
