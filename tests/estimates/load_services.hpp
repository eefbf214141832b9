#pragma once

#include "core/job/state.hpp"

#include <random>

/// What the services of a simulated load answer, and how long they take.
namespace dubber::test {

/// Seconds that a call really takes, on average.
double true_cost(work_kind kind, double media_seconds);

/// @param media Seconds of the job's source.
work_result answer_of(const job_state& job, work_ref work, double media,
                      std::mt19937_64& random);

} // namespace dubber::test
