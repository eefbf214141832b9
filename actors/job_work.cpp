#include "actors/job.hpp"
#include "actors/spawn.hpp"
#include "actors/stage.hpp"

#include <algorithm>
#include <set>

namespace dubber {

namespace {

void forget_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  st.stages.erase(work);
  st.live.erase(work);
}

void end_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  auto i = st.stages.find(work);
  if (i == st.stages.end())
    return;
  if (auto& actor = i->second.actor) {
    self->demonitor(actor.address());
    self->send_exit(actor, caf::exit_reason::user_shutdown);
  }
  forget_stage(self, work);
}

/// @param all Also those whose call is open: its answer is not wanted.
void end_stages(job_ptr self, bool all) {
  auto& st = self->state;
  std::vector<work_ref> ending;
  for (auto& [work, begun] : st.stages)
    if (auto i = st.live.find(work);
        all || i == st.live.end() || i->second.waits || i->second.told)
      ending.push_back(work);
  for (auto& work : ending)
    end_stage(self, work);
}

/// Ends the work of stages that have been put back.
void end_unneeded(job_ptr self) {
  auto& st = self->state;
  std::vector<work_ref> ending;
  for (auto& [work, begun] : st.stages)
    if (st.job.stages[work.stage].status != stage_status::running)
      ending.push_back(work);
  for (auto& work : ending)
    end_stage(self, work);
}

/// The work whose outcome that is: it is decided soon, and not begun again
/// before (a pause ends the actors that have told theirs).
std::optional<work_ref> outcome_of(const job_input& input) {
  if (auto done = std::get_if<in::item_done>(&input))
    return done->work;
  if (auto gave_up = std::get_if<in::gave_up>(&input))
    return gave_up->work;
  return std::nullopt;
}

int priority_of(const job_state& job) {
  return job.source ? job.source->options.priority : 0;
}

/// @param first The permit that the work has waited for, if it has.
void start_stage(job_ptr self, work_ref work,
                 std::optional<first_permit> first = std::nullopt) {
  auto& st = self->state;
  stage_task task;
  task.work = work;
  task.order = make_order(st.job, work);
  auto& begun = st.stages[work];
  task.key = std::move(begun.key);
  task.first = std::move(first);
  task.policy = st.job.plan->stages[work.stage].policy;
  auto& policy = st.ctx->policy_of(task.policy);
  task.setup.retry = policy.retry;
  task.setup.total_timeout = policy.total_timeout;
  task.setup.max_hold = policy.max_hold;
  if (auto retry = st.job.stages[work.stage].retry_of(work.item)) {
    task.setup.failed_attempts = retry->failed_attempts;
    task.setup.first_pause = std::max(ms{0}, retry->due - now(self, *st.ctx));
  }
  task.priority = priority_of(st.job);
  task.traceparent = st.job.traceparent;
  live_work begins{task.setup.failed_attempts + 1, waiting_view{}};
  if (task.setup.first_pause > ms{0})
    begins.waits->kind = "retry";
  st.live[work] = std::move(begins);
  auto child = spawn_stage(self, st.ctx, std::move(task),
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
    if (!is.waits)
      ++load.calling;
    else if (is.attempt == 1
             && (is.waits->kind.empty() || is.waits->kind == "permit"))
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
  st.live[work]
    = live_work{1, waiting_view{"permit", order->service, std::nullopt}};
  self->send(gate, std::move(asked));
}

void act_on(job_ptr self, const event& what) {
  auto& st = self->state;
  auto ref = [&](const std::string& stage, std::uint32_t item) {
    return work_ref{static_cast<std::uint32_t>(st.job.plan->find(stage)), item};
  };
  if (auto x = std::get_if<ev::item_completed>(&what.body))
    end_stage(self, ref(x->stage, x->item));
  if (auto x = std::get_if<ev::item_degraded>(&what.body))
    end_stage(self, ref(x->stage, x->item));
  if (auto x = std::get_if<ev::chunk_halved>(&what.body))
    end_stage(self, ref(x->stage, x->item));
  if (auto x = std::get_if<ev::stage_completed>(&what.body))
    end_stage(self, ref(x->stage, 0)); // of one item; others ended with theirs
  if (auto x = std::get_if<ev::attempt_failed>(&what.body)) {
    auto i = st.stages.find(ref(x->stage, x->item));
    if (i == st.stages.end())
      return;
    if (auto& actor = i->second.actor; actor && st.job.is_active())
      self->send(actor, atom::recorded_v);
    else
      end_stage(self, i->first); // goes on from the record
  }
  if (std::holds_alternative<ev::artifact_lost>(what.body)
      || std::holds_alternative<ev::job_resumed>(what.body))
    end_unneeded(self);
  if (auto x = std::get_if<ev::job_parked>(&what.body)) {
    end_stage(self, ref(x->stage, x->item));
    auto left = std::max(ms{0}, x->until - now(self, *st.ctx));
    self->delayed_send(self, left + ms{1}, atom::park_over_v);
  }
}

void forget_run(job_ptr self) {
  end_stages(self, true);
  std::erase_if(self->state.inputs, [](const job_input& x) {
    return std::holds_alternative<in::item_done>(x)
           || std::holds_alternative<in::attempt_failed>(x)
           || std::holds_alternative<in::gave_up>(x);
  });
}

void run_stages(job_ptr self) {
  auto& st = self->state;
  if (!st.job.is_active())
    end_stages(self, !st.job.takes_results());
  std::set<work_ref> busy;
  for (auto& [work, begun] : st.stages)
    busy.insert(work);
  for (auto& input : st.inputs)
    if (auto over = outcome_of(input))
      busy.insert(*over);
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
  start_stage(
    self, work,
    first_permit{std::move(begun.pass), std::move(x), begun.asked_at});
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

std::optional<job_input> restart_stage(job_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  auto i = std::find_if(st.stages.begin(), st.stages.end(), [&](auto& kvp) {
    return kvp.second.actor && kvp.second.actor.address() == x.source;
  });
  if (i == st.stages.end())
    return std::nullopt;
  auto work = i->first;
  forget_stage(self, work);
  st.ctx->metrics->actor_restarted("stage");
  log_restart(st.job, work, self->system().render(x.reason));
  if (st.restarts.may_restart(now(self, *st.ctx))) {
    run_stages(self);
    return std::nullopt;
  }
  fault why{fault_code::internal,
            "the stage's actor died again and again: "
              + self->system().render(x.reason),
            0,
            {}};
  return in::gave_up{work, 1, std::move(why)};
}

} // namespace dubber
