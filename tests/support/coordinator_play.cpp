#include "tests/support/coordinator_play.hpp"

#include "actors/gate.hpp"
#include "actors/supervisor.hpp"
#include "tests/support/virtual_system.hpp"

namespace dubber::test {

struct coordinator_play::running {
  explicit running(timeline& time)
    : system(time), ctx(std::make_shared<context>()) {
    // nop
  }

  ~running() {
    auto last = board->close();
    system.kill({caf::actor_cast<caf::actor>(supervisor)});
    system.kill(last->tree.all);
    // Handles must not outlive their system.
    supervisor = supervisor_actor{};
    last.reset();
    board->clear();
    ctx.reset();
  }

  /// Another one after the tree was started again.
  const context_ptr& now() {
    ctx = board->now()->ctx;
    return ctx;
  }

  manager_actor manager() const {
    return board->now()->tree.manager;
  }

  virtual_system system;
  context_ptr ctx;
  std::shared_ptr<tree_board> board = std::make_shared<tree_board>();
  supervisor_actor supervisor;
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
  auto& board = *running_->board;
  board.raise([&] {
    return tree_board::standing{running_->ctx,
                                spawn_tree(sys, running_->ctx, true)};
  });
  supervisor_setup watch;
  watch.board = running_->board;
  watch.make = [](const context& before) {
    return context_after(before);
  };
  watch.greet = [](const manager_actor&) {
  };
  watch.give_up = [this](const std::string& why) {
    broken = why;
  };
  watch.simulated = true;
  running_->supervisor = spawn_supervisor(sys, std::move(watch));
  caf::anon_send(running_->manager(), atom::start_v);
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

void coordinator_play::begin_all(std::int64_t last) {
  for (std::int64_t id = 1; id <= last; ++id)
    begin(id);
}

void coordinator_play::ask_intake(std::int64_t job_id) {
  intake_command command;
  command.job_id = job_id;
  caf::anon_send(running_->manager(),
                 intake_request{command, [this](intake_answer x) {
                                  answers.push_back(std::move(x));
                                }});
}

control_answer coordinator_play::control(std::int64_t job_id, control_verb what,
                                         const std::string& stage) {
  auto answer = std::make_shared<std::optional<control_answer>>();
  control_command command{what, job_id, stage, "because", "test"};
  caf::anon_send(running_->manager(),
                 control_request{command, [answer](control_answer x) {
                                   *answer = std::move(x);
                                 }});
  run();
  return answer->value();
}

void coordinator_play::begin_stop() {
  caf::anon_send(running_->manager(), atom::stop_v);
}

query_answer coordinator_play::ask(const job_query& query) {
  auto answer = std::make_shared<std::optional<query_answer>>();
  caf::anon_send(running_->manager(), job_ask{query, [answer](query_answer x) {
                                                *answer = std::move(x);
                                              }});
  run();
  return answer->value();
}

job_view coordinator_play::view(std::int64_t job_id) {
  job_query query;
  query.job_id = job_id;
  return std::get<job_view>(ask(query));
}

std::vector<segment_view> coordinator_play::segments(std::int64_t job_id) {
  job_query query;
  query.kind = job_query::what::segments;
  query.job_id = job_id;
  return std::get<segments_page>(ask(query)).items;
}

job_status coordinator_play::status_on_record(std::uint64_t job_no) {
  auto rows = store.memory_journal::list({}, 0, 1'000'000);
  for (auto& row : *rows)
    if (row.job_no == job_no)
      return row.status;
  throw std::runtime_error("no such job");
}

service_view coordinator_play::service(const std::string& name) {
  auto answer = std::make_shared<std::optional<service_view>>();
  caf::anon_send(running_->now()->gates.at(name),
                 gate_look{[answer](service_view x) {
                   *answer = std::move(x);
                 }});
  run();
  return answer->value();
}

std::optional<order_answer> coordinator_play::order(const std::string& service,
                                                    order_verb what) {
  auto answer = std::make_shared<std::optional<order_answer>>();
  give_order(running_->now(),
             {{service, what, "test", "because", time.now()}, {}},
             [answer](order_answer x) { *answer = std::move(x); });
  run();
  return *answer;
}

void coordinator_play::change_policies(service_policies to) {
  caf::anon_send(
    running_->manager(),
    policy_change{std::make_shared<const service_policies>(std::move(to)),
                  rules});
  run();
}

std::string coordinator_play::journal_trouble() const {
  return running_->now()->health.trouble();
}

std::vector<event> coordinator_play::history(std::uint64_t job_no) {
  std::vector<event> out;
  auto found = store.memory_journal::read(job_no, 0, 100'000);
  for (auto& x : *found)
    out.push_back(std::move(x.what));
  return out;
}

} // namespace dubber::test
