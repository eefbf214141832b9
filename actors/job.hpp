#pragma once

#include "actors/answers.hpp"
#include "actors/context.hpp"
#include "core/restart_window.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <map>
#include <set>

namespace dubber {

/// The state of a JOB actor.
struct job_actor_state {
  context_ptr ctx;
  manager_actor manager;
  job_state job;
  bool loaded = false;

  /// At most one append is in flight; what comes meanwhile is decided together
  /// as the next one.
  bool appending = false;
  std::deque<job_input> inputs;

  std::map<work_ref, stage_actor> stages;
  std::set<work_ref> running;
  live_map live;
  restart_window restarts{5, ms{60'000}};

  std::vector<std::function<void(intake_answer)>> watchers;
  bool waited = false;       ///< the watchers, long enough for the gateway
  std::vector<job_ask> asks; ///< until the history is loaded
  bool reporting = false;    ///< the reporter has the debt
  bool quiet = false;        ///< the gateway is told nothing any more
  static inline const char* name = "job";
};

/// How long intake waits for the gateway's answer (INTERFACES, HTTP).
inline constexpr ms fetch_wait{2'000};

/// One job: feeds the job machine, persists, then acts.
/// @param row The job's row as far as it is known (its number at least).
/// @param fresh Whether it begins now; else its history is loaded first.
job_actor::behavior_type job(job_actor::stateful_pointer<job_actor_state> self,
                             context_ptr ctx, manager_actor manager,
                             job_row row, bool fresh);

} // namespace dubber
