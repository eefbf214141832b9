#pragma once

#include "core/fault.hpp"
#include "core/policy.hpp"

#include <optional>

namespace dubber {

/// A neighbour may ask for this much patience at most (Retry-After).
inline constexpr ms max_retry_after{3'600'000};

/// The pause before the next attempt, or nothing when there is none: the fault
/// is final or `failed_attempts` (this one included) has used the policy up.
/// @param chance In [0, 1): where in the jitter's range the pause falls.
std::optional<ms> next_pause(const retry_policy& policy, int failed_attempts,
                             const fault& why, double chance);

} // namespace dubber
