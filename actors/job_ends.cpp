#include "actors/job.hpp"
#include "core/job/apart.hpp"
#include "core/overload.hpp"

#include <caf/send.hpp>

#include <algorithm>

/// How the work of a job ends, and what its stages say.
namespace dubber {

namespace {

/// Ends the work; it may begin anew when its actor is gone, and with it all
/// that it still had to tell.
void dismiss_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  auto& actor = st.stages.at(work).actor;
  if (!actor)
    return forget_stage(self, work);
  self->send_exit(actor, caf::exit_reason::user_shutdown);
  st.live[work].dismissed = true;
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

/// Whether an input is about work that is true of `which`.
template <class F>
bool is_news_of(const job_input& input, F which) {
  if (auto done = std::get_if<in::item_done>(&input))
    return which(done->work);
  if (auto failed = std::get_if<in::attempt_failed>(&input))
    return which(failed->work);
  auto gave_up = std::get_if<in::gave_up>(&input);
  return gave_up && which(gave_up->work);
}

/// The item of work that has come to something by this fact.
std::optional<work_ref> item_of(const pipeline& plan, const event& what) {
  auto ref = [&](const std::string& stage, std::uint32_t item) {
    return work_ref{static_cast<std::uint32_t>(plan.find(stage)), item};
  };
  return std::visit(overload{
                      [&](const ev::item_completed& x) {
                        return std::optional{ref(x.stage, x.item)};
                      },
                      [&](const ev::item_degraded& x) {
                        return std::optional{ref(x.stage, x.item)};
                      },
                      [&](const ev::chunk_halved& x) {
                        return std::optional{ref(x.stage, x.item)};
                      },
                      [&](const ev::attempt_failed& x) {
                        return std::optional{ref(x.stage, x.item)};
                      },
                      // Of one item; others ended with theirs.
                      [&](const ev::stage_completed& x) {
                        return std::optional{ref(x.stage, 0)};
                      },
                      [&](const ev::job_parked& x) {
                        return std::optional{ref(x.stage, x.item)};
                      },
                      [&](const ev::language_stopped& x) {
                        return std::optional{ref(x.stage, x.item)};
                      },
                      [](const auto&) { return std::optional<work_ref>{}; },
                    },
                    what.body);
}

/// The work that another attempt may help, if that is such a failure.
std::optional<work_ref> failed_work(const job_input& input) {
  if (auto failed = std::get_if<in::attempt_failed>(&input))
    return failed->work;
  auto gave_up = std::get_if<in::gave_up>(&input);
  if (gave_up && is_retryable(gave_up->why.code))
    return gave_up->work;
  return std::nullopt;
}

bool is_outdated(const job_actor_state& st, work_ref work) {
  auto i = st.stages.find(work);
  return i != st.stages.end() && i->second.outdated;
}

/// Whether its call is open.
bool is_called(const job_actor_state& st, work_ref work) {
  auto i = st.live.find(work);
  return i != st.live.end() && i->second.is_called();
}

bool is_dismissed(const job_actor_state& st, work_ref work) {
  auto i = st.live.find(work);
  return i != st.live.end() && i->second.dismissed;
}

bool may_go_on(const job_state& job, work_ref work) {
  return job.is_active() && !is_stopped(job, work);
}

/// A failed attempt is on record: the work goes on, if the job does.
void go_on(job_ptr self, work_ref work) {
  auto& st = self->state;
  auto i = st.stages.find(work);
  if (i == st.stages.end())
    return;
  if (auto& actor = i->second.actor; actor && may_go_on(st.job, work))
    self->send(actor, atom::recorded_v);
  else
    end_stage(self, work); // goes on from the record
}

} // namespace

void forget_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  st.stages.erase(work);
  st.live.erase(work);
}

void end_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  if (auto i = st.live.find(work); i != st.live.end() && i->second.dismissed)
    return; // about to end
  auto i = st.stages.find(work);
  if (i == st.stages.end())
    return;
  if (auto& actor = i->second.actor) {
    self->demonitor(actor.address());
    self->send_exit(actor, caf::exit_reason::user_shutdown);
  }
  forget_stage(self, work);
}

void end_stages(job_ptr self, bool all) {
  auto& st = self->state;
  std::vector<work_ref> ending;
  for (auto& [work, begun] : st.stages)
    if (all || !is_called(st, work))
      ending.push_back(work);
  for (auto& work : ending)
    end_stage(self, work);
}

void end_stopped(job_ptr self) {
  auto& st = self->state;
  std::vector<work_ref> ending;
  for (auto& [work, begun] : st.stages)
    if (is_stopped(st.job, work) && !is_called(st, work))
      ending.push_back(work);
  for (auto& work : ending)
    end_stage(self, work);
}

std::set<work_ref> decided_soon(const job_actor_state& st) {
  std::set<work_ref> out;
  for (auto& input : st.inputs)
    is_news_of(input, [&](work_ref work) { return out.insert(work).second; });
  if (st.appending)
    for (auto& what : st.appending->events)
      if (auto work = item_of(*st.job.plan, what))
        out.insert(*work);
  return out;
}

void act_on(job_ptr self, const event& what) {
  auto& st = self->state;
  if (auto work = item_of(*st.job.plan, what)) {
    if (std::holds_alternative<ev::attempt_failed>(what.body))
      go_on(self, *work);
    else
      end_stage(self, *work);
  }
  if (std::holds_alternative<ev::artifact_lost>(what.body)
      || std::holds_alternative<ev::job_resumed>(what.body))
    end_unneeded(self);
  if (auto x = std::get_if<ev::job_parked>(&what.body)) {
    auto left = std::max(ms{0}, x->until - now(self, *st.ctx));
    self->delayed_send(self, left + ms{1}, atom::park_over_v);
  }
}

void forget_run(job_ptr self) {
  end_stages(self, true);
  std::erase_if(self->state.inputs, [](const job_input& x) {
    return is_news_of(x, [](work_ref) { return true; });
  });
}

void forget_overtaken(job_ptr self, const ev::segment_edited& by) {
  auto& st = self->state;
  auto& plan = *st.job.plan;
  auto reach = scope_of(plan, st.job.row.target_language, by);
  auto overtaken = [&](work_ref work) {
    return is_overtaken(plan, reach, by, work);
  };
  std::vector<work_ref> ending;
  for (auto& [work, begun] : st.stages)
    if (overtaken(work))
      ending.push_back(work);
  for (auto& work : ending)
    dismiss_stage(self, work);
  std::erase_if(st.inputs,
                [&](const job_input& x) { return is_news_of(x, overtaken); });
}

void begin_anew(job_ptr self) {
  auto& st = self->state;
  for (auto& [work, begun] : st.stages)
    begun.outdated = begun.actor != nullptr;
  std::erase_if(st.inputs, [self](const job_input& x) {
    auto work = failed_work(x);
    if (work)
      end_stage(self, *work);
    return work.has_value();
  });
}

void on_stage_news(job_ptr self, stage_news& x) {
  auto& st = self->state;
  if (x.run != st.job.row.run || is_dismissed(st, x.work))
    return;
  if (is_outdated(st, x.work) && failed_work(x.what)) {
    end_stage(self, x.work);
    run_stages(self);
    return;
  }
  if (auto i = st.live.find(x.work); i != st.live.end())
    i->second.told = true;
  take(self, std::move(x.what));
  if (!may_go_on(st.job, x.work))
    run_stages(self); // it is not needed any more
}

void on_stage_waits(job_ptr self, stage_waits& x) {
  auto& st = self->state;
  if (is_dismissed(st, x.work))
    return;
  auto asks = x.why == work_wait::permit;
  if (auto i = st.live.find(x.work); i != st.live.end())
    i->second = {x.attempt, x.why, false, false, x.until};
  if (x.asks_leave && is_outdated(st, x.work))
    end_stage(self, x.work);
  // What waits now may not go on; or it makes room for the next to ask.
  if (!may_go_on(st.job, x.work) || !asks || x.asks_leave)
    run_stages(self);
  forecast_calls(self);
  auto i = st.stages.find(x.work);
  if (x.asks_leave && i != st.stages.end() && i->second.actor)
    self->send(i->second.actor, atom::start_v);
}

std::optional<job_input> restart_stage(job_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  auto i = std::find_if(st.stages.begin(), st.stages.end(), [&](auto& kvp) {
    return kvp.second.actor && kvp.second.actor.address() == x.source;
  });
  if (i == st.stages.end())
    return std::nullopt;
  auto work = i->first;
  auto live = st.live.find(work);
  auto dismissed = live != st.live.end() && live->second.dismissed;
  forget_stage(self, work);
  if (dismissed) {
    run_stages(self);
    return std::nullopt;
  }
  st.ctx->metrics->actor_restarted("stage");
  log_restart(st.job, work, self->system().render(x.reason));
  if (!st.restarts)
    st.restarts = restart_window{5, ms{60'000}};
  if (st.restarts->may_restart(now(self, *st.ctx))) {
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
