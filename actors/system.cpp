#include "actors/system.hpp"

#include "actors/context.hpp"
#include "actors/spawn.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>

namespace dubber {

namespace {

class running_system : public coordinator_system {
public:
  running_system(context_ptr ctx, std::unique_ptr<caf::actor_system_config> cfg)
    : ctx_(std::move(ctx)), cfg_(std::move(cfg)),
      sys_(std::make_unique<caf::actor_system>(*cfg_)) {
    ctx_->clock_origin = sys_->clock().now();
    ctx_->wall_origin
      = std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
    tree_ = spawn_tree(*sys_, ctx_);
  }

  ~running_system() override {
    stop();
  }

  void intake(intake_command command,
              std::function<void(intake_answer)> on_answer) override {
    caf::anon_send(tree_.manager,
                   intake_request{std::move(command), std::move(on_answer)});
  }

  void control(control_command command,
               std::function<void(control_answer)> on_answer) override {
    caf::anon_send(tree_.manager,
                   control_request{std::move(command), std::move(on_answer)});
  }

  void ask(job_query query,
           std::function<void(query_answer)> on_answer) override {
    caf::anon_send(tree_.manager, job_ask{query, std::move(on_answer)});
  }

  void ask(list_query query,
           std::function<void(query_answer)> on_answer) override {
    caf::anon_send(ctx_->reader, list_ask{query, std::move(on_answer)});
  }

  void
  services(std::function<void(std::vector<service_view>)> on_answer) override {
    struct collector {
      std::mutex mutex;
      std::vector<service_view> views;
      std::size_t missing;
    };
    auto all = std::make_shared<collector>();
    all->missing = ctx_->gates.size();
    for (auto& [name, hdl] : ctx_->gates)
      caf::anon_send(hdl, gate_look{[all, on_answer](service_view view) {
                       std::unique_lock lock{all->mutex};
                       all->views.push_back(std::move(view));
                       if (--all->missing > 0)
                         return;
                       lock.unlock();
                       std::sort(
                         all->views.begin(), all->views.end(),
                         [](auto& a, auto& b) { return a.name < b.name; });
                       on_answer(std::move(all->views));
                     }});
  }

  readiness ready() const override {
    readiness r;
    r.stopping = stopping_;
    auto trouble = ctx_->health.trouble();
    r.ready = !r.stopping && trouble.empty();
    if (!trouble.empty())
      r.journal = trouble;
    return r;
  }

  void take_up() override {
    caf::anon_send(tree_.manager, atom::start_v);
  }

  void begin_stop() override {
    stopping_ = true;
    caf::anon_send(tree_.manager, atom::stop_v);
  }

  bool flush(ms limit) override {
    auto flushed = std::make_shared<std::promise<void>>();
    auto future = flushed->get_future();
    caf::anon_send(ctx_->writer, flush_request{[flushed] {
                     flushed->set_value();
                   }});
    return future.wait_for(limit) == std::future_status::ready;
  }

  void stop() override {
    if (!sys_)
      return;
    // Jobs before what they send to: nothing half done is acted on.
    for (auto& hdl : tree_.all)
      caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
    // They read the handles to their end.
    sys_->await_all_actors_done();
    tree_ = actor_tree{};
    ctx_->gates.clear();
    ctx_->writer = journal_writer_actor{};
    ctx_->reader = reader_actor{};
    ctx_->reporter = reporter_actor{};
    sys_.reset();
  }

private:
  context_ptr ctx_;
  std::unique_ptr<caf::actor_system_config> cfg_;
  std::unique_ptr<caf::actor_system> sys_;
  actor_tree tree_;
  std::atomic<bool> stopping_ = false;
};

} // namespace

result<std::unique_ptr<coordinator_system>>
coordinator_system::start(system_setup setup) {
  auto epoch = setup.store->open_epoch();
  if (!epoch)
    return epoch.error();
  auto ctx = std::make_shared<context>();
  ctx->policies = std::move(setup.policies);
  ctx->workers = std::move(setup.workers);
  ctx->told = setup.told;
  ctx->store = setup.store;
  ctx->metrics = setup.metrics;
  ctx->epoch = *epoch;
  ctx->max_open_jobs = setup.max_open_jobs;
  ctx->rules = setup.rules;
  ctx->files = setup.files;
  ctx->keep = setup.keep;
  auto cfg = std::make_unique<caf::actor_system_config>();
  // One worker and no polling (docs/adr/0001): more of both cost, and
  // everything that blocks has a thread of its own.
  cfg->set("scheduler.max-threads", std::size_t{1});
  cfg->set("work-stealing.moderate-poll-attempts", std::size_t{0});
  cfg->set("work-stealing.aggressive-poll-attempts", std::size_t{0});
  return std::unique_ptr<coordinator_system>(
    std::make_unique<running_system>(std::move(ctx), std::move(cfg)));
}

} // namespace dubber
