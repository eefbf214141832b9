#include "actors/job.hpp"
#include "actors/spawn.hpp"
#include "actors/stage.hpp"

#include <algorithm>

namespace dubber {

namespace {

int priority_of(const job_state& job) {
  return job.source ? job.source->options->priority : 0;
}

/// @param first The permit that the work has waited for, if it has.
void start_stage(job_ptr self, work_ref work,
                 std::unique_ptr<first_permit> first = nullptr) {
  auto& st = self->state;
  stage_task task;
  task.work = work;
  task.order = make_order(st.job, work);
  auto& begun = st.stages[work];
  task.key = std::move(begun.key);
  task.first = std::move(first);
  task.policy = {st.job.plan.ptr(), &st.job.plan->stages[work.stage].policy};
  auto& policy = st.ctx->policy_of(*task.policy);
  stage_setup setup;
  setup.retry = policy.retry;
  setup.total_timeout = policy.total_timeout;
  setup.max_hold = policy.max_hold;
  if (auto retry = st.job.stages[work.stage].retry_of(work.item)) {
    setup.failed_attempts = retry->failed_attempts;
    setup.first_pause = std::max(ms{0}, retry->due - now(self, *st.ctx));
  }
  task.priority = priority_of(st.job);
  task.traceparent = unless_usual(st.job.traceparent);
  auto pauses = setup.first_pause > ms{0};
  st.live[work] = {setup.failed_attempts + 1,
                   pauses ? work_wait::retry : work_wait::identity};
  auto child = spawn_stage(self, st.ctx, std::move(task), setup,
                           caf::actor_cast<job_actor>(self));
  self->send(child, atom::start_v);
  begun.actor = std::move(child);
}

/// The work whose ticket that is.
auto waiting_with(job_actor_state& st, std::uint64_t ticket_id) {
  return std::find_if(st.stages.begin(), st.stages.end(), [&](auto& kvp) {
    return !kvp.second.actor && kvp.second.pass.id() == ticket_id;
  });
}

/// Work in a pause, and work that is tried again (its permits have a budget of
/// their own), stand in nobody's way.
std::map<std::uint32_t, stage_load> load_of(const live_map& live) {
  std::map<std::uint32_t, stage_load> out;
  for (auto& [work, is] : live) {
    auto& load = out[work.stage];
    if (is.waits == work_wait::nothing)
      ++load.calling;
    else if (is.attempt == 1
             && (is.waits == work_wait::identity
                 || is.waits == work_wait::permit))
      ++load.asking;
  }
  return out;
}

} // namespace

/// Work that failed before has a pause to keep, which is its actor's to do.
void set_out(job_ptr self, work_ref work) {
  auto& st = self->state;
  if (st.job.stages[work.stage].retry_of(work.item)) {
    start_stage(self, work);
    return;
  }
  auto order = make_order(st.job, work);
  auto& gate = st.ctx->gates.at(order->service);
  auto asked = request_for(*order, priority_of(st.job), 1, false);
  asked.who = {order->job_no, st.ctx->next_ticket()};
  asked.holder = caf::actor_cast<permit_holder_actor>(self);
  auto& begun = st.stages[work];
  begun.pass = permit{gate, asked.who};
  begun.asked_at = now(self, *st.ctx);
  st.live[work] = {1, work_wait::permit};
  self->send(gate, std::move(asked));
}

void run_stages(job_ptr self) {
  auto& st = self->state;
  if (st.inputs.empty())
    st.inputs.shrink_to_fit(); // most jobs wait now
  if (!st.job.is_active())
    end_stages(self, !st.job.takes_results());
  end_stopped(self);
  auto busy = decided_soon(st);
  for (auto& [work, begun] : st.stages)
    busy.insert(work);
  auto next = startable(st.job, busy, st.ctx->window);
  for (auto& work : admitted(next, load_of(st.live)))
    if (!seek(self, work))
      set_out(self, work);
}

void on_permit(job_ptr self, permit_granted& x) {
  auto& st = self->state;
  auto i = waiting_with(st, x.id);
  if (i == st.stages.end())
    return;
  auto& [work, begun] = *i;
  start_stage(self, work,
              std::make_unique<first_permit>(first_permit{
                std::move(begun.pass), std::move(x), begun.asked_at}));
}

void on_queue_full(job_ptr self, std::uint64_t ticket_id) {
  auto& st = self->state;
  if (auto i = waiting_with(st, ticket_id); i != st.stages.end()) {
    i->second.pass = {};
    start_stage(self, i->first); // it asks again, and again
  }
}

void on_permit_expired(job_ptr self, permit_expired& x) {
  auto& st = self->state;
  auto i = waiting_with(st, x.id);
  if (i == st.stages.end())
    return;
  auto work = i->first;
  i->second.pass = {};
  st.live[work].told = true;
  take(self, in::gave_up{work, 1, std::move(x.why)});
}

} // namespace dubber
