#include "actors/job.hpp"
#include "actors/spawn.hpp"
#include "actors/stage.hpp"
#include "clients/call_key.hpp"

#include <algorithm>

namespace dubber {

namespace {

void forget_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  st.stages.erase(work);
  st.running.erase(work);
  st.live.erase(work);
}

void end_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  if (auto i = st.stages.find(work); i != st.stages.end()) {
    self->demonitor(i->second.address());
    self->send_exit(i->second, caf::exit_reason::user_shutdown);
    forget_stage(self, work);
  }
}

/// @param all Also those whose call is open: its answer is not wanted.
void end_stages(job_ptr self, bool all) {
  auto& st = self->state;
  std::vector<work_ref> ending;
  for (auto& [work, hdl] : st.stages)
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
  for (auto& [work, hdl] : st.stages)
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

void start_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  stage_task task;
  task.work = work;
  task.order = make_order(st.job, work);
  task.policy = st.job.plan->stages[work.stage].policy;
  auto& policy = st.ctx->policy_of(task.policy);
  task.setup.retry = policy.retry;
  task.setup.total_timeout = policy.total_timeout;
  task.setup.max_hold = policy.max_hold;
  task.setup.shared = st.ctx->cache && is_shareable(task.order->kind);
  auto& retries = st.job.stages[work.stage].retries;
  if (auto i = retries.find(work.item); i != retries.end()) {
    task.setup.failed_attempts = i->second.failed_attempts;
    task.setup.first_pause
      = std::max(ms{0}, i->second.due - now(self, *st.ctx));
  }
  task.priority = st.job.source ? st.job.source->options.priority : 0;
  task.traceparent = st.job.traceparent;
  live_work begins{task.setup.failed_attempts + 1, waiting_view{}};
  if (task.setup.first_pause > ms{0})
    begins.waits->kind = "retry";
  st.live[work] = std::move(begins);
  auto child = spawn_stage(self, st.ctx, std::move(task),
                           caf::actor_cast<job_actor>(self));
  self->send(child, atom::start_v);
  st.running.insert(work);
  st.stages.emplace(work, std::move(child));
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
    if (st.job.is_active())
      self->send(i->second, atom::recorded_v);
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
  auto busy = st.running;
  for (auto& input : st.inputs)
    if (auto over = outcome_of(input))
      busy.insert(*over);
  auto next = startable(st.job, busy, st.ctx->window);
  for (auto& work : admitted(next, load_of(st.live)))
    start_stage(self, work);
}

std::optional<job_input> restart_stage(job_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  auto i = std::find_if(st.stages.begin(), st.stages.end(), [&](auto& kvp) {
    return kvp.second.address() == x.source;
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
