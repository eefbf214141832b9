#pragma once

#include "core/job/machine.hpp"

#include <optional>
#include <string>
#include <vector>

/// A dub that goes without the speech of some of its segments.
///
///   open --gave up, and the policy has a stand-in--> degraded: done in this
///    ^                                               stage and in those after
///    |                                               it that go by segments
///    +--retry or resume of the parked or failed job, redo of the stage
///
/// Beyond the share that `max_degraded_ratio` allows the job parks instead.
namespace dubber {

/// What stands in for the item that gave up; nothing where the job cannot go
/// without it.
std::optional<stand_in> stand_in_for(const job_state& state,
                                     const in::gave_up& x,
                                     const job_rules& rules);

/// The segment is degraded, with what follows from that; or the job parks
/// because it would be one too many.
std::vector<event_body> degrade(const job_state& state, const in::gave_up& x,
                                stand_in how, time_point now,
                                const job_rules& rules);

/// Adds the end of each stage that `facts` leave without open items, and what
/// starts then.
void settle(const job_state& state, std::vector<event_body>& facts,
            time_point now);

/// For people: "Dubbing complete, 3 of 500 segments kept the original sound".
std::string completion_of(const job_state& state);

/// What decisions after the first of an append look at: how far everything is,
/// without the results.
job_state without_results(const job_state& state);

} // namespace dubber
