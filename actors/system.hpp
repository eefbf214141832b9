#pragma once

#include "actors/coordinator.hpp"
#include "clients/gateway.hpp"
#include "clients/worker.hpp"
#include "core/job/machine.hpp"
#include "core/policy.hpp"
#include "journal/journal.hpp"
#include "metrics/probe.hpp"

#include <memory>

namespace dubber {

/// What the running tree is built from; everything outlives it.
struct system_setup {
  service_policies policies;
  worker_map workers;
  gateway* told = nullptr;
  journal* store = nullptr;
  probe* metrics = nullptr;
  std::size_t max_open_jobs = 100'000;
  job_rules rules;
};

/// The actors, behind the interface that the front end knows.
class coordinator_system : public coordinator {
public:
  /// Opens an epoch, spawns the tree and takes up unfinished jobs.
  static result<std::unique_ptr<coordinator_system>> start(system_setup setup);

  /// No more intake; jobs go on.
  virtual void begin_stop() = 0;

  /// Waits until what was accepted is on disk, at most `limit`, then ends all
  /// actors and their calls. Returns whether all was on disk in time.
  virtual bool stop(ms limit) = 0;
};

} // namespace dubber
