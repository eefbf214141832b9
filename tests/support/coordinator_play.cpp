#include "tests/support/coordinator_play.hpp"

#include "actors/gate.hpp"
#include "actors/spawn.hpp"
#include "tests/support/virtual_system.hpp"

namespace dubber::test {

struct coordinator_play::running {
  explicit running(timeline& time)
    : system(time), ctx(std::make_shared<context>()) {
    // nop
  }

  ~running() {
    system.kill(tree.all);
    // Handles must not outlive their system.
    tree = {};
    ctx.reset();
  }

  virtual_system system;
  context_ptr ctx;
  actor_tree tree;
};

service_policies plain_policies() {
  auto all = default_policies();
  for (auto& [name, policy] : all)
    policy.retry = {4, ms{1'000}, 2.0, ms{60'000}, false};
  return all;
}

coordinator_play::coordinator_play() = default;

coordinator_play::~coordinator_play() = default;

void coordinator_play::start() {
  running_ = std::make_unique<running>(time);
  auto& ctx = *running_->ctx;
  ctx.policies = policies;
  for (auto kind : {work_kind::fetch, work_kind::extract, work_kind::transcribe,
                    work_kind::translate, work_kind::speak, work_kind::merge,
                    work_kind::upload})
    ctx.workers[kind] = &workers;
  ctx.told = &told;
  ctx.store = &store;
  ctx.metrics = &metrics;
  ctx.epoch = *store.open_epoch();
  ctx.window = window;
  ctx.max_open_jobs = max_open_jobs;
  ctx.calls.set_limit(max_open_calls);
  ctx.rules = rules;
  ctx.orders = *read_orders(store);
  ctx.rules.follow(policies);
  ctx.keep = keep;
  ctx.files = files;
  auto& sys = running_->system.sys();
  ctx.wall_origin = time.now();
  ctx.clock_origin = sys.clock().now();
  running_->tree = spawn_tree(sys, running_->ctx, true);
  caf::anon_send(running_->tree.manager, atom::start_v);
  run();
}

void coordinator_play::stop() {
  running_.reset();
}

void coordinator_play::advance(ms length) {
  running_->system.advance(length);
}

void coordinator_play::run() {
  running_->system.run();
}

void coordinator_play::begin(std::int64_t job_id) {
  told.rows.try_emplace(job_id, gateway_state{"1_film.mp4", "QUEUED", 0, ""});
  ask_intake(job_id);
  run();
}

void coordinator_play::ask_intake(std::int64_t job_id) {
  intake_command command;
  command.job_id = job_id;
  caf::anon_send(running_->tree.manager,
                 intake_request{command, [this](intake_answer x) {
                                  answers.push_back(std::move(x));
                                }});
}

control_answer coordinator_play::control(std::int64_t job_id, control_verb what,
                                         const std::string& stage) {
  auto answer = std::make_shared<std::optional<control_answer>>();
  control_command command{what, job_id, stage, "because", "test"};
  caf::anon_send(running_->tree.manager,
                 control_request{command, [answer](control_answer x) {
                                   *answer = std::move(x);
                                 }});
  run();
  return answer->value();
}

void coordinator_play::begin_stop() {
  caf::anon_send(running_->tree.manager, atom::stop_v);
}

job_view coordinator_play::view(std::int64_t job_id) {
  auto answer = std::make_shared<std::optional<query_answer>>();
  job_query query;
  query.job_id = job_id;
  caf::anon_send(running_->tree.manager,
                 job_ask{query, [answer](query_answer x) {
                           *answer = std::move(x);
                         }});
  run();
  return std::get<job_view>(answer->value());
}

service_view coordinator_play::service(const std::string& name) {
  auto answer = std::make_shared<std::optional<service_view>>();
  caf::anon_send(running_->ctx->gates.at(name),
                 gate_look{[answer](service_view x) {
                   *answer = std::move(x);
                 }});
  run();
  return answer->value();
}

std::optional<order_answer> coordinator_play::order(const std::string& service,
                                                    order_verb what) {
  auto answer = std::make_shared<std::optional<order_answer>>();
  give_order(running_->ctx,
             {{service, what, "test", "because", time.now()}, {}},
             [answer](order_answer x) { *answer = std::move(x); });
  run();
  return *answer;
}

void coordinator_play::change_policies(service_policies to) {
  caf::anon_send(
    running_->tree.manager,
    policy_change{std::make_shared<const service_policies>(std::move(to)),
                  rules});
  run();
}

std::string coordinator_play::journal_trouble() const {
  return running_->ctx->health.trouble();
}

std::vector<event> coordinator_play::history(std::uint64_t job_no) {
  std::vector<event> out;
  auto found = store.memory_journal::read(job_no, 0, 100'000);
  for (auto& x : *found)
    out.push_back(std::move(x.what));
  return out;
}

} // namespace dubber::test
