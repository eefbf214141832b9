#pragma once

#include "core/job/control.hpp"
#include "core/job/state.hpp"
#include "core/kept_result.hpp"
#include "core/policy.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <variant>
#include <vector>

/// The life of a job as three pure functions over its facts.
///
///   (none) --accept--> running --fetch: no such job--> rejected
///                       |  ^ |
///                       |  | | an item is done: its stage goes on, or ends and
///                       |  | | the stages after it start; after `upload` the
///                       |  | | final state is owed and `report` starts
///          pause        |  | |
///        +--------------+  | +--the gateway was told---> completed
///        v                 | +--can never succeed------> failed (owes FAILED)
///     paused --resume------+ +--cancel-----------------> cancelled (the same)
///                          | |
///     parked <--attempts---|-+      parked --park_over--> failed
///        |      used up    |        parked, paused --cancel--> cancelled
///        +--resume, retry--+
///                          |
///     failed --retry-------+   (the same, when the policy says `fail`)
///     completed, failed, cancelled, parked --redo--+
///     the same, and with its result stored --edit--+
///     the same, rejected --restart-----------------+--> running, another run
///
///   Results of calls that were open when the job was paused or parked are
///   recorded as ever. In a final state the debt ends with report.delivered.
///
/// decide(state, input, now) -> facts to journal; when they are on disk:
/// evolve(state, event) -> state, and `startable` says what to do.
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
  int attempt = 1; ///< 0: the result was there already
  work_result result;
  std::string key = {}; ///< to keep the result for others under; may be empty
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
struct told {
  std::uint64_t debt = 0; ///< `job_state::debt`; of another one it says nothing
};

/// The debt is settled: "seen" or "gone".
struct delivered {
  std::string outcome;
  std::uint64_t debt = 0; ///< as above
};

/// The time for a person to look at the parked job is over.
struct park_over {};

/// The supervisor gives up on the job's actor: a person has to look.
struct halt {
  std::string why;
};

} // namespace in

using job_input
  = std::variant<in::accept, in::item_done, in::attempt_failed, in::gave_up,
                 in::told, in::delivered, in::control, in::park_over, in::halt>;

/// What decisions depend on besides facts and inputs.
struct job_rules {
  ms park_timeout{86'400'000}; ///< PARK_TIMEOUT
  /// By the stage's policy; what is not named parks.
  std::map<std::string, exhausted, std::less<>> on_exhausted = {};
  /// With a larger share of its segments degraded a job parks.
  double max_degraded_ratio = default_degraded_ratio;

  /// Takes over what the services' policies say.
  void follow(const service_policies& services);
};

/// The facts that follow from `input`; none when it does not fit the state (a
/// late or repeated answer).
std::vector<event_body> decide(const job_state& state, const job_input& input,
                               time_point now, const job_rules& rules = {});

/// The job's row as it will be when `events` are folded; nothing when they do
/// not change what lists and recovery look at.
std::optional<job_row> row_after(const job_state& state,
                                 const std::vector<event>& events);

/// One append to the journal.
struct decision {
  std::vector<event> events;
  std::optional<job_row> row;       ///< as it will be; absent: unchanged
  std::vector<kept_result> results; ///< for others
  std::size_t used = 0;             ///< inputs that are dealt with by it
};

/// Most events of one append.
inline constexpr std::size_t append_limit = 256;

/// Decides as many of the inputs, in their order, as fit into one append: what
/// came while the append before was under way.
decision decide_all(const job_state& state,
                    const std::vector<job_input>& inputs, time_point now,
                    const job_rules& rules = {});

/// Folds one fact. Total: an event that does not fit changes only `seq`.
void evolve(job_state& state, const event& what);

// -- what to do next
// ------------------------------------------------------------

/// Work that may start now and is not in `running`, in order, so that at most
/// `window` items of a stage run at once. The first segment goes alone through
/// all stages that fan out over segments.
std::vector<work_ref> startable(const job_state& state,
                                const std::set<work_ref>& running,
                                std::size_t window);

/// How much of one stage is under way.
struct stage_load {
  std::size_t asking = 0;  ///< items that wait for their first permit
  std::size_t calling = 0; ///< items that have one
};

/// Those of `startable` work that may queue at their gates now: as many items
/// of a stage wait as are being called, at least one. A job that is not served
/// holds one place and not its whole window; one that is served fills it.
/// @param load By stage.
std::vector<work_ref> admitted(const std::vector<work_ref>& startable,
                               std::map<std::uint32_t, stage_load> load);

/// The complete order for one item of work that is startable or running.
std::shared_ptr<const work_order> make_order(const job_state& state,
                                             work_ref work);

} // namespace dubber
