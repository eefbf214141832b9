#pragma once

#include "core/job/machine.hpp"

#include <vector>

/// What becomes of a job when a piece of its work has given up.
namespace dubber {

/// Whether the item is under way: its outcome still counts.
bool is_open(const job_state& state, work_ref work);

/// The job fails, which the gateway has to be told.
std::vector<event_body> fail_at(const std::string& stage, std::uint32_t item,
                                const fault& why);

/// In this order: the gateway has no such job: rejected; a stored file is gone:
/// it is made again; the sound was too long for ASR: it is halved; a dub can do
/// without: the segment is degraded; it can never succeed: failed; else as the
/// policy says, failed or parked.
std::vector<event_body> give_up(const job_state& state, const in::gave_up& x,
                                time_point now, const job_rules& rules);

} // namespace dubber
