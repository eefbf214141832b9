#pragma once

#include "actors/context.hpp"
#include "core/restart_window.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>

namespace dubber {

struct live_job {
  job_actor actor;
  job_row row;
  restart_window restarts{3, ms{60'000}};
};

/// The state of the JOB MANAGER.
struct manager_state {
  context_ptr ctx;
  bool stopping = false;
  std::uint64_t next_job_no = 1;
  std::map<std::uint64_t, live_job> jobs;       ///< by our number
  std::map<std::int64_t, std::uint64_t> newest; ///< live ones, by job_id
  std::map<std::int64_t, std::vector<intake_request>> looking_up;
  std::map<std::int64_t, job_row> verifying; ///< the job we know by this id
  std::map<std::int64_t, call_handle> checks;
  static inline const char* name = "manager";
};

/// Finds, admits and supervises jobs.
manager_actor::behavior_type
manager(manager_actor::stateful_pointer<manager_state> self, context_ptr ctx,
        std::uint64_t next_job_no);

} // namespace dubber
