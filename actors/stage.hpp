#pragma once

#include "actors/context.hpp"
#include "actors/gate.hpp"
#include "core/stage_machine.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dubber {

/// A permit that came before the actor was there to ask for it.
struct first_permit {
  permit pass;
  permit_granted granted;
  time_point asked_at;
};

/// What a STAGE actor is made with.
struct stage_task {
  work_ref work;
  std::shared_ptr<const work_order> order;
  stage_setup setup;
  std::string policy; ///< whose limits `setup` has
  int priority = 0;
  std::string traceparent;
  std::string key;                   ///< to keep the result under; may be empty
  std::optional<first_permit> first; ///< else it asks for its own
};

/// The state of a STAGE actor.
struct stage_state {
  stage_machine machine;
  context_ptr ctx;
  stage_task task;
  job_actor job;
  permit pass;
  call_handle call;
  std::shared_ptr<result<work_result>> outcome;
  time_point started;
  ms held{0};                           ///< by the breaker, and by the disk
  std::optional<time_point> disk_since; ///< faults that are nobody's, in a row
  std::optional<time_point> down_since; ///< forgiven failures, in a row
  std::optional<time_point> failed_at;  ///< first, by the service's fault
  bool forgiven = false; ///< just now: the job may have been stopped meanwhile
  bool awaits_leave = false;
  time_point called_at;
  permit_granted granted;  ///< for the call
  std::uint64_t ticks = 0; ///< generation: only the newest pause counts
  static inline const char* name = "stage";
};

/// What the work asks its service's gate for; who asks is added.
permit_request request_for(const work_order& order, int priority, int attempt,
                           bool failed_before);

/// Has one item of one stage done: permit, call, retries.
stage_actor::behavior_type
stage(stage_actor::stateful_pointer<stage_state> self, context_ptr ctx,
      stage_task task, job_actor job);

} // namespace dubber
