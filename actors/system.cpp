#include "actors/system.hpp"

#include "actors/context.hpp"
#include "actors/gate.hpp"
#include "actors/loop_scheduler.hpp"
#include "actors/supervisor.hpp"
#include "metrics/wall_clock.hpp"

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
  running_system(context_ptr ctx, std::unique_ptr<caf::actor_system_config> cfg,
                 policy_view policy,
                 std::function<void(const std::string&)> on_broken)
    : cfg_(std::move(cfg)), rules_(ctx->rules), policy_(std::move(policy)),
      sys_(std::make_unique<caf::actor_system>(*cfg_)) {
    ctx->clock_origin = sys_->clock().now();
    ctx->wall_origin = wall_now();
    board_->raise([&] {
      return tree_board::standing{ctx, spawn_tree(*sys_, ctx)};
    });
    supervisor_setup watch;
    watch.board = board_;
    watch.make = [](const context& before) {
      return context_after(before);
    };
    watch.greet = [this](const manager_actor& who) {
      greet(who);
    };
    watch.give_up = std::move(on_broken);
    supervisor_ = spawn_supervisor(*sys_, std::move(watch));
  }

  ~running_system() override {
    stop();
  }

  void intake(intake_command command,
              std::function<void(intake_answer)> on_answer) override {
    caf::anon_send(board_->now()->tree.manager,
                   intake_request{std::move(command), std::move(on_answer)});
  }

  void control(control_command command,
               std::function<void(control_answer)> on_answer) override {
    caf::anon_send(board_->now()->tree.manager,
                   control_request{std::move(command), std::move(on_answer)});
  }

  void ask(job_query query,
           std::function<void(query_answer)> on_answer) override {
    caf::anon_send(board_->now()->tree.manager,
                   job_ask{query, std::move(on_answer)});
  }

  void ask(list_query query,
           std::function<void(query_answer)> on_answer) override {
    caf::anon_send<caf::message_priority::high>(
      board_->now()->ctx->reader, list_ask{query, std::move(on_answer)});
  }

  void services(std::function<void(services_view)> on_answer) override {
    struct collector {
      std::mutex mutex;
      services_view views;
      std::size_t missing;
    };
    auto standing = board_->now();
    auto all = std::make_shared<collector>();
    auto& ctx = *standing->ctx;
    all->missing = ctx.gates.size();
    all->views.open_calls = ctx.calls.open();
    all->views.max_open_calls = ctx.calls.limit();
    {
      std::lock_guard lock{policy_mutex_};
      all->views.policy = policy_;
    }
    for (auto& [name, hdl] : ctx.gates)
      caf::anon_send(hdl, gate_look{[all, on_answer](service_view view) {
                       std::unique_lock lock{all->mutex};
                       auto& items = all->views.items;
                       items.push_back(std::move(view));
                       if (--all->missing > 0)
                         return;
                       lock.unlock();
                       std::sort(
                         items.begin(), items.end(),
                         [](auto& a, auto& b) { return a.name < b.name; });
                       on_answer(std::move(all->views));
                     }});
  }

  void order(order_command command,
             std::function<void(order_answer)> on_answer) override {
    command.order.at = wall_now();
    give_order(board_->now()->ctx, std::move(command), std::move(on_answer));
  }

  void keep(std::vector<note> notes,
            std::function<void(bool)> on_kept) override {
    caf::anon_send(board_->now()->ctx->writer,
                   note_request{std::move(notes), std::move(on_kept)});
  }

  readiness ready() const override {
    readiness r;
    r.stopping = stopping_;
    auto trouble = board_->now()->ctx->health.trouble();
    r.ready = !r.stopping && trouble.empty();
    if (!trouble.empty())
      r.journal = trouble;
    return r;
  }

  void take_up() override {
    caf::anon_send(board_->now()->tree.manager, atom::start_v);
  }

  void begin_stop() override {
    stopping_ = true;
    caf::anon_send(board_->now()->tree.manager, atom::stop_v);
  }

  void change_policies(service_policies services, double max_degraded_ratio,
                       policy_view told) override {
    std::unique_lock lock{policy_mutex_};
    rules_.max_degraded_ratio = max_degraded_ratio;
    policy_ = std::move(told);
    change_ = policy_change{
      std::make_shared<const service_policies>(std::move(services)), rules_};
    auto change = *change_;
    lock.unlock();
    caf::anon_send(board_->now()->tree.manager, std::move(change));
  }

  bool flush(ms limit) override {
    auto flushed = std::make_shared<std::promise<void>>();
    auto future = flushed->get_future();
    caf::anon_send(board_->now()->ctx->writer, flush_request{[flushed] {
                     flushed->set_value();
                   }});
    return future.wait_for(limit) == std::future_status::ready;
  }

  void stop() override {
    if (!sys_)
      return;
    auto last = board_->close();
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
    // Jobs before what they send to: nothing half done is acted on.
    for (auto& hdl : last->tree.all)
      caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
    // They read the handles to their end.
    sys_->await_all_actors_done();
    last->ctx->speeds.save();
    last->ctx->forecasts.save(wall_now());
    supervisor_ = supervisor_actor{};
    last.reset();
    board_->clear();
    sys_.reset();
  }

private:
  /// The manager of a tree that was started again.
  void greet(const manager_actor& who) {
    std::lock_guard lock{policy_mutex_};
    if (change_)
      caf::anon_send(who, *change_);
    if (stopping_)
      caf::anon_send(who, atom::stop_v);
  }

  std::unique_ptr<caf::actor_system_config> cfg_;
  job_rules rules_;
  std::optional<policy_change> change_; ///< the last one
  mutable std::mutex policy_mutex_;
  policy_view policy_;
  std::unique_ptr<caf::actor_system> sys_;
  supervisor_actor supervisor_;
  std::shared_ptr<tree_board> board_ = std::make_shared<tree_board>();
  std::atomic<bool> stopping_ = false;
};

} // namespace

result<std::unique_ptr<coordinator_system>>
coordinator_system::start(system_setup setup) {
  auto ctx = std::make_shared<context>();
  ctx->policies = std::move(setup.policies);
  if (setup.pipelines)
    ctx->pipelines = std::move(setup.pipelines);
  ctx->workers = std::move(setup.workers);
  ctx->told = setup.told;
  ctx->store = setup.store;
  ctx->metrics = setup.metrics;
  ctx->max_open_jobs = setup.max_open_jobs;
  ctx->rules = setup.rules;
  ctx->rules.follow(ctx->policies);
  ctx->files = setup.files;
  ctx->keep = setup.keep;
  ctx->speeds
    = speed_board{std::move(setup.speeds), std::move(setup.save_speeds)};
  ctx->forecasts.begin(std::move(setup.times), models_of(ctx->policies),
                       std::move(setup.save_times));
  ctx->calls.set_limit(setup.max_open_calls);
  if (auto why = open_journal(*ctx))
    return *why;
  auto cfg = std::make_unique<caf::actor_system_config>();
  if (setup.loop)
    run_in_loop(*cfg, *setup.loop);
  // One worker and no polling (docs/adr/0001): more of both cost, and
  // everything that blocks has a thread of its own.
  cfg->set("scheduler.max-threads", std::size_t{1});
  cfg->set("work-stealing.moderate-poll-attempts", std::size_t{0});
  cfg->set("work-stealing.aggressive-poll-attempts", std::size_t{0});
  return std::unique_ptr<coordinator_system>(std::make_unique<running_system>(
    std::move(ctx), std::move(cfg), std::move(setup.policy),
    std::move(setup.on_broken)));
}

} // namespace dubber
