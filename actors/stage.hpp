#pragma once

#include "actors/cache.hpp"
#include "actors/context.hpp"
#include "actors/gate.hpp"
#include "core/stage_machine.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dubber {

/// What a STAGE actor is made with.
struct stage_task {
  work_ref work;
  std::shared_ptr<const work_order> order;
  stage_setup setup;
  std::string policy; ///< whose limits `setup` has
  int priority = 0;
  std::string traceparent;
};

/// The state of a STAGE actor.
struct stage_state {
  stage_machine machine;
  context_ptr ctx;
  stage_task task;
  job_actor job;
  cache_place place;
  std::string key; ///< to keep the result under
  permit pass;
  call_handle call;
  std::shared_ptr<result<work_result>> outcome;
  time_point started;
  ms held{0};                           ///< by the breaker, and by the disk
  std::optional<time_point> disk_since; ///< faults that are nobody's, in a row
  std::optional<time_point> down_since; ///< forgiven failures, in a row
  std::optional<time_point> failed_at;  ///< first, by the service's fault
  time_point called_at;
  permit_granted granted;  ///< for the call
  std::uint64_t ticks = 0; ///< generation: only the newest pause counts
  static inline const char* name = "stage";
};

/// Has one item of one stage done: permit, call, retries.
stage_actor::behavior_type
stage(stage_actor::stateful_pointer<stage_state> self, context_ptr ctx,
      stage_task task, job_actor job);

} // namespace dubber
