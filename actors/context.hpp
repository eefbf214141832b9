#pragma once

#include "actors/actors.hpp"
#include "actors/boards.hpp"
#include "actors/call_places.hpp"
#include "actors/forecasts.hpp"
#include "actors/retention.hpp"
#include "clients/gateway.hpp"
#include "clients/worker.hpp"
#include "core/pipeline.hpp"
#include "core/policy.hpp"
#include "metrics/probe.hpp"

#include <caf/actor_clock.hpp>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

namespace dubber {

/// How the journal fares, for `/readyz` and intake; written by the writer, and
/// by the manager when it cannot read what is unfinished.
class journal_health {
public:
  enum side { writing, reading };

  void set(side where, std::string trouble) {
    std::lock_guard lock{mutex_};
    trouble_[where] = std::move(trouble);
  }

  /// Empty when all is well.
  std::string trouble() const {
    std::lock_guard lock{mutex_};
    return trouble_[writing].empty() ? trouble_[reading] : trouble_[writing];
  }

private:
  mutable std::mutex mutex_;
  std::array<std::string, 2> trouble_;
};

/// What all actors share: settings and the rim. Lives as long as they do.
struct context {
  /// This and `rules` are changed by the manager, and read by those actors that
  /// have no thread of their own, one at a time (system.cpp).
  service_policies policies;
  std::shared_ptr<const pipeline_book> pipelines
    = std::make_shared<const pipeline_book>();
  /// Whose definitions are in the journal, by `id`; of jobs' actors.
  std::set<std::string> noted_pipelines;
  worker_map workers;
  gateway* told = nullptr; ///< whom the reporter tells
  journal* store = nullptr;
  object_store* files = nullptr; ///< may be absent (tests)
  probe* metrics = nullptr;
  std::uint64_t epoch = 0;
  /// Items of one stage of one job that are asked for at once.
  std::size_t window = 64;
  std::size_t max_open_jobs = 100'000;
  job_rules rules;
  retention_policy keep;
  /// Wall time at a moment of CAF's clock: time in decisions runs on this.
  time_point wall_origin;
  caf::actor_clock::time_point clock_origin;
  std::uint64_t seed = 1;
  journal_health health;
  hold_board holds;
  speed_board speeds;
  forecast_board forecasts;
  call_places calls;
  /// Of the actors that all jobs share.
  death_board deaths;
  /// Jobs over which actors died too often: to be parked, for this reason …
  std::map<std::uint64_t, std::string> condemned;
  /// … and those that cannot even be parked: not taken up before this time.
  std::map<std::uint64_t, time_point> put_off;
  /// What people last ordered, as kept by the journal at the start.
  std::map<std::string, service_order> orders;

  // The parts of the tree that others send to.
  std::map<std::string, gate_actor> gates;
  journal_writer_actor writer;
  reader_actor reader;
  reporter_actor reporter;
  janitor_actor janitor;
  cache_actor cache; ///< nobody: results are not kept for others

  time_point at(caf::actor_clock::time_point now) const {
    return wall_origin + std::chrono::duration_cast<ms>(now - clock_origin);
  }

  const service_policy& policy_of(const std::string& service) const {
    return policies.at(service);
  }

  std::uint64_t next_ticket() {
    return ++tickets_;
  }

  /// In [0, 1).
  double chance() {
    std::lock_guard lock{chance_mutex_};
    return std::uniform_real_distribution<>{0, 1}(random_);
  }

private:
  std::atomic<std::uint64_t> tickets_ = 0;
  std::mutex chance_mutex_;
  std::mt19937_64 random_{seed};
};

using context_ptr = std::shared_ptr<context>;

/// The time of decisions, for an actor.
template <class Self>
time_point now(Self* self, const context& ctx) {
  return ctx.at(self->clock().now());
}

} // namespace dubber
