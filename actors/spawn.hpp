#pragma once

#include "actors/context.hpp"
#include "actors/job.hpp"
#include "actors/stage.hpp"

#include <caf/actor_system.hpp>

namespace dubber {

/// Who runs where: the only place that says `detached` (actors that block).
struct actor_tree {
  manager_actor manager;
  /// To be ended, in this order, at the stop.
  std::vector<caf::actor> all;
};

/// Spawns everything that lives as long as the program and fills `ctx` with the
/// handles. @param simulated Nothing is detached (CAF's test coordinator).
actor_tree spawn_tree(caf::actor_system& sys, const context_ptr& ctx,
                      bool simulated = false);

struct supervisor_setup;

/// The supervisor of such a tree, on a thread of its own: it writes to the
/// journal.
supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_setup setup);

/// A stage, monitored by its job.
stage_actor spawn_stage(job_process* parent, context_ptr ctx, stage_task task,
                        const stage_setup& setup, job_actor job);

} // namespace dubber
