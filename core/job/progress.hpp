#pragma once

#include "core/job/state.hpp"

namespace dubber {

/// Weighted by what stages usually cost, in [0, 1]. Never less than before in
/// the same run: what is done again was counted already.
double progress_of(const job_state& state);

} // namespace dubber
