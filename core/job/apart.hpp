#pragma once

#include "core/job/machine.hpp"

#include <vector>

/// The languages of a job go apart: what one of them cannot do stops that one.
///
///   open --gave up--------------------> stopped
///     |   <--the job goes on after it was parked or failed, another run--+
///     +--its stages are all done--> through
///
/// When none is open any more and one is stopped, the job parks: a person
/// decides, and the other dubs are there. Where none is through and none may
/// come through at another attempt, it fails. Stages for all languages stop the
/// whole job as ever.
namespace dubber {

/// Whether the work is for a language that is stopped: nothing of it begins.
bool is_stopped(const job_state& state, work_ref work);

/// Whether all is done that is done for that language alone.
bool is_through(const job_state& state, std::uint32_t lane);

/// Parts of `evolve`.
void stop_language(job_state& state, const ev::language_stopped& what);
void open_languages(job_state& state);

/// The facts that follow from `input`, where the job has several languages.
/// @param facts That would follow if it had one.
std::vector<event_body> keep_apart(const job_state& state,
                                   const job_input& input,
                                   std::vector<event_body> facts,
                                   time_point now, const job_rules& rules);

} // namespace dubber
