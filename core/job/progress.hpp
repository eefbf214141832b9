#pragma once

#include "core/job/state.hpp"
#include "core/work_kinds.hpp"

namespace dubber {

/// What part of a job's way each kind of work is.
using stage_weights = by_kind<float>;

/// Until something was learned (core/eta/weight_history.hpp): shares of a dub's
/// time on the embedded engines.
stage_weights first_weights();

/// In [0, 1]. Never falls in a run, as long as its weights are the same: what
/// has to be done again stays counted. Another run begins with what it keeps.
double progress_of(const job_state& state,
                   const stage_weights& weights = first_weights());

/// Part of `evolve`, before work is taken back: what is done stays counted.
void count_done(job_state& state);

} // namespace dubber
