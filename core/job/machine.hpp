#pragma once

#include "core/job/state.hpp"

#include <memory>
#include <set>
#include <variant>
#include <vector>

/// The life of a job as three pure functions over its facts.
///
///   (none) --accept--> running --fetch: no such job--> rejected
///                         |
///                         | an item is done: its stage goes on, or ends and
///                         | the stages after it start; after `upload` the
///                         | final state is owed and `report` starts
///                         |
///                         +--the gateway was told--> completed
///                         +--an item gave up-------> failed   (owes FAILED)
///                         +--cancel----------------> cancelled(owes FAILED)
///
///   In completed, failed and cancelled the debt ends with report.delivered;
///   nothing else changes any more.
///
/// decide(state, input, now) -> facts to journal; when they are on disk:
/// evolve(state, event) -> state, and `startable` and `react` say what to do.
/// Recovery is the same: fold the events, then ask `startable`.
namespace dubber {

// -- inputs
// --------------------------------------------------------------------

namespace in {

struct accept {
  std::int64_t job_id = 0;
  std::uint64_t job_no = 0;
  std::string pipeline;
  int priority = 0;
  std::string by;
  std::string traceparent;
};

struct item_done {
  work_ref work;
  int attempt = 1;
  work_result result;
};

struct attempt_failed {
  work_ref work;
  int attempt = 1;
  fault why;
  ms pause{0};
};

struct gave_up {
  work_ref work;
  int attempt = 1;
  fault why;
};

/// The gateway has answered the final state for the first time.
struct told {};

/// The debt is settled: "seen" or "gone".
struct delivered {
  std::string outcome;
};

struct cancel {
  std::string by;
  std::string reason;
  /// The gateway's row belongs to another job now: tell it nothing.
  bool silent = false;
};

} // namespace in

using job_input
  = std::variant<in::accept, in::item_done, in::attempt_failed, in::gave_up,
                 in::told, in::delivered, in::cancel>;

/// The facts that follow from `input`; none when it does not fit the state (a
/// late or repeated answer).
std::vector<event_body> decide(const job_state& state, const job_input& input);

/// Folds one fact. Total: an event that does not fit changes only `seq`.
void evolve(job_state& state, const event& what);

/// The job's row as it will be when `events` are folded; nothing when they do
/// not change what lists and recovery look at.
std::optional<job_row> row_after(const job_state& state,
                                 const std::vector<event>& events);

// -- what to do next
// ------------------------------------------------------------

/// Work that may start now and is not in `running`, in order, so that at most
/// `window` items of a stage run at once. The first segment goes alone through
/// all stages that fan out over segments.
std::vector<work_ref> startable(const job_state& state,
                                const std::set<work_ref>& running,
                                std::size_t window);

/// The complete order for one item of work that is startable or running.
std::shared_ptr<const work_order> make_order(const job_state& state,
                                             work_ref work);

} // namespace dubber
