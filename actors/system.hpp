#pragma once

#include "actors/boards.hpp"
#include "actors/coordinator.hpp"
#include "actors/forecasts.hpp"
#include "actors/retention.hpp"
#include "clients/gateway.hpp"
#include "clients/http_client.hpp"
#include "clients/object_store.hpp"
#include "clients/worker.hpp"
#include "core/call_pool.hpp"
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
  object_store* files = nullptr;
  retention_policy keep;
  policy_view policy;
  std::size_t max_open_calls = default_open_calls;
  /// What was learned before, and how it is kept (`speed_board`).
  speed_board::all speeds;
  std::function<void(const speed_board::all&)> save_speeds;
  learned_times times;
  forecast_board::saver save_times;
  /// Its actors die faster than they can be started again, for this reason: the
  /// process has to end. From a thread of its own, at most once.
  std::function<void(const std::string&)> on_broken;
  /// Null: the shipped one alone.
  std::shared_ptr<const pipeline_book> pipelines = {};
  /// In whose event loop the actors run that do not block; null: on a thread of
  /// CAF's.
  http_client* loop = nullptr;
};

/// The actors, behind the interface that the front end knows.
class coordinator_system : public coordinator {
public:
  /// Opens an epoch and spawns the tree.
  static result<std::unique_ptr<coordinator_system>> start(system_setup setup);

  /// Goes on with unfinished jobs.
  virtual void take_up() = 0;

  /// No more intake; jobs go on.
  virtual void begin_stop() = 0;

  /// Other limits: for what waits at once, for what runs from its next failure
  /// or call on.
  virtual void change_policies(service_policies services,
                               double max_degraded_ratio, policy_view told)
    = 0;

  /// Waits until all that waits for the disk now is on it, at most `limit`;
  /// returns whether it is.
  virtual bool flush(ms limit) = 0;

  /// Ends all actors and their calls. Nobody may ask anything any more.
  virtual void stop() = 0;
};

} // namespace dubber
