#pragma once

#include "core/job/state.hpp"

namespace dubber {

/// What the work is made of. All that it rests on is there.
work_input input_of(const job_state& state, work_ref work);

} // namespace dubber
