#pragma once

#include "actors/context.hpp"
#include "actors/gate.hpp"
#include "core/maybe_time.hpp"
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

/// What a STAGE actor has to do.
struct stage_task {
  work_ref work;
  std::shared_ptr<const work_order> order;
  std::shared_ptr<const std::string> policy; ///< whose limits it is made with
  int priority = 0;
  shared_value<std::string> traceparent;
  boxed<std::string> key; ///< to keep the result under, if there is one
  std::unique_ptr<first_permit> first; ///< else it asks for its own
};

/// The state of a STAGE actor. There may be as many as calls are open, or wait
/// for a connection.
struct stage_state {
  stage_machine machine;
  context_ptr ctx;
  stage_task task;
  job_actor job;
  permit pass;
  call_handle call;
  std::shared_ptr<result<work_result>> outcome;
  time_point started;
  ms held{0};            ///< by the breaker, and by the disk
  maybe_time disk_since; ///< faults that are nobody's, in a row
  maybe_time down_since; ///< forgiven failures, in a row
  maybe_time failed_at;  ///< first, by the service's fault
  bool forgiven = false; ///< just now: the job may have been stopped meanwhile
  bool awaits_leave = false;
  bool maybe_too_long = false; ///< as the gate said of the call
  std::uint32_t ticks = 0;     ///< generation: only the newest pause counts
  std::uint64_t granted = 0;   ///< the ticket of the call
  ms deadline{0};              ///< of it
  std::string url;             ///< until it leaves
  time_point called_at;
  static inline const char* name = "stage";
};

/// The class of all STAGE actors. They share one behaviour, as jobs do.
class stage_process : public stage_actor::stateful_base<stage_state> {
public:
  using stage_actor::stateful_base<stage_state>::stateful_actor;

  resume_result resume(caf::execution_unit* where,
                       std::size_t throughput) override;
};
using stage_ptr = stage_process*;

/// What the work asks its service's gate for; who asks is added.
permit_request request_for(const work_order& order, int priority, int attempt,
                           bool failed_before);

/// Has one item of one stage done: permit, call, retries.
stage_actor::behavior_type stage(stage_ptr self, context_ptr ctx,
                                 stage_task task, const stage_setup& setup,
                                 job_actor job);

} // namespace dubber
