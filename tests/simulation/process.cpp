#include "tests/simulation/process.hpp"

#include "actors/gate.hpp"

#include <caf/scheduled_actor.hpp>

namespace dubber::sim {

namespace {

const caf::resumable* runnable(const caf::actor& who) {
  return dynamic_cast<caf::resumable*>(
    caf::actor_cast<caf::abstract_actor*>(who));
}

const caf::scheduled_actor& actor_of(const caf::resumable* job) {
  return dynamic_cast<const caf::scheduled_actor&>(*job);
}

} // namespace

process::process(const rim& world)
  : world_(world), system_(world.time), ctx_(std::make_shared<context>()),
    watch_(world.judge, world.time) {
  ctx_->policies = world.plan.policies;
  for (auto kind : {work_kind::fetch, work_kind::extract, work_kind::transcribe,
                    work_kind::translate, work_kind::speak, work_kind::merge,
                    work_kind::upload, work_kind::http})
    ctx_->workers[kind] = &world.workers;
  ctx_->pipelines = world.plan.book;
  ctx_->told = &world.told;
  ctx_->store = &world.store;
  ctx_->metrics = &world.metrics;
  ctx_->epoch = *world.store.open_epoch();
  ctx_->window = world.plan.window;
  ctx_->rules = world.plan.rules;
  ctx_->keep.cache_bytes = world.plan.cache ? 1'000'000'000 : 0;
  ctx_->calls.set_limit(world.plan.places);
  ctx_->orders = *read_orders(world.store);
  ctx_->rules.follow(ctx_->policies);
  ctx_->wall_origin = world.time.now();
  ctx_->clock_origin = system_.sys().clock().now();
  tree_ = spawn_tree(system_.sys(), ctx_, true);
  watch_.begin(*ctx_);
  disk_ = runnable(tree_.all.back());
  reader_ = runnable(caf::actor_cast<caf::actor>(ctx_->reader));
  caf::anon_send(tree_.manager, atom::start_v);
}

process::~process() {
  system_.kill(tree_.all);
  // Handles must not outlive their system.
  tree_ = {};
  ctx_.reset();
}

void process::intake(intake_command command,
                     std::function<void(intake_answer)> on_answer) {
  caf::anon_send(tree_.manager,
                 intake_request{std::move(command), std::move(on_answer)});
}

void process::control(control_command command,
                      std::function<void(control_answer)> on_answer) {
  caf::anon_send(tree_.manager,
                 control_request{std::move(command), std::move(on_answer)});
}

void process::ask(job_query query,
                  std::function<void(query_answer)> on_answer) {
  caf::anon_send(tree_.manager, job_ask{query, std::move(on_answer)});
}

void process::ask(list_query query,
                  std::function<void(query_answer)> on_answer) {
  caf::anon_send(ctx_->reader, list_ask{query, std::move(on_answer)});
}

void process::services(std::function<void(services_view)> on_answer) {
  on_answer({}); // nobody here asks for them
}

void process::order(order_command command,
                    std::function<void(order_answer)> on_answer) {
  command.order.at = world_.time.now();
  give_order(ctx_, std::move(command), std::move(on_answer));
}

void process::keep(std::vector<note> notes, std::function<void(bool)> on_kept) {
  caf::anon_send(ctx_->writer,
                 note_request{std::move(notes), std::move(on_kept)});
}

readiness process::ready() const {
  readiness out;
  out.ready = ctx_->health.trouble().empty();
  return out;
}

void process::follow(const service_policies& policies) {
  policy_change change{std::make_shared<const service_policies>(policies),
                       world_.plan.rules};
  caf::anon_send(tree_.manager, std::move(change));
}

void process::begin_stop(std::function<void()> on_flushed) {
  caf::anon_send(tree_.manager, atom::stop_v);
  caf::anon_send(ctx_->writer, flush_request{std::move(on_flushed)});
}

bool process::stalled(const caf::resumable* who) const {
  auto i = stalls_.find(who);
  return i != stalls_.end() && world_.time.now() < i->second;
}

std::vector<std::size_t> process::ready_actors() const {
  std::vector<std::size_t> out;
  auto& jobs = system_.jobs();
  for (std::size_t i = 0; i < jobs.size(); ++i)
    if (!stalled(jobs[i]))
      out.push_back(i);
  return out;
}

std::uint64_t process::step(std::size_t who) {
  auto actor = system_.jobs()[who];
  auto id = actor_of(actor).id();
  auto is_gate = watch_.before(actor);
  system_.step(who);
  if (is_gate)
    watch_.after(actor);
  return id;
}

std::string process::kind_of(std::size_t who) const {
  return actor_of(system_.jobs()[who]).name();
}

void process::kill(std::size_t who) {
  auto victim = caf::actor_cast<caf::actor>(
    dynamic_cast<caf::scheduled_actor*>(system_.jobs()[who]));
  // Not `kill`, which would take those with it that are linked; and from the
  // manager, whom alone a job obeys in this.
  caf::anon_send<caf::message_priority::high>(
    victim,
    caf::exit_msg{tree_.manager.address(),
                  caf::make_error(caf::sec::runtime_error, "a simulated bug")});
}

void process::stall_disk(time_point until) {
  stalls_[disk_] = until;
}

void process::stall_reader(time_point until) {
  stalls_[reader_] = until;
}

std::optional<time_point> process::next() const {
  auto next = system_.next();
  for (auto& [who, until] : stalls_)
    if (until > world_.time.now())
      next = next ? std::min(*next, until) : until;
  return next;
}

} // namespace dubber::sim
