#pragma once

#include "core/job/state.hpp"
#include "core/work.hpp"

#include <string>

/// What an operator reads of a job: one line a fact, named as in the journal,
/// with job, run, stage, attempt and trace id. What belongs to a single segment
/// and went well is at the level debug.
namespace dubber {

/// @param what Is on disk, and folded into `job`.
void log_event(const job_state& job, const event& what);

/// A stage's actor died from a bug and is started again.
void log_restart(const job_state& job, work_ref work, const std::string& why);

/// The same of a job's actor.
void log_restart(const job_row& job, const std::string& why);

/// A failed attempt that is not charged: the service is down.
void log_forgiven(const work_order& order, int attempt, const fault& why,
                  const std::string& traceparent);

/// The work waits for a disk, or for the store; said once for each such time.
void log_held(const work_order& order, int attempt, const fault& why,
              const std::string& traceparent);

/// Its history cannot be read now; said once.
void log_unreadable(const job_row& job, const fault& why);

} // namespace dubber
