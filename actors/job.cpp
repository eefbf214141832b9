#include "actors/job.hpp"

#include "actors/spawn.hpp"
#include "actors/stage.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

using job_ptr = job_actor::stateful_pointer<job_actor_state>;

// -- what is running
// -------------------------------------------------------------

void end_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  if (auto i = st.stages.find(work); i != st.stages.end()) {
    self->demonitor(i->second.address());
    self->send_exit(i->second, caf::exit_reason::user_shutdown);
    st.stages.erase(i);
  }
  st.running.erase(work);
  st.live.erase(work);
}

void end_all_stages(job_ptr self) {
  while (!self->state.stages.empty())
    end_stage(self, self->state.stages.begin()->first);
}

void start_stage(job_ptr self, work_ref work) {
  auto& st = self->state;
  stage_task task;
  task.work = work;
  task.order = make_order(st.job, work);
  task.setup.retry
    = st.ctx->policy_of(st.job.plan->stages[work.stage].policy).retry;
  auto& retries = st.job.stages[work.stage].retries;
  if (auto i = retries.find(work.item); i != retries.end()) {
    task.setup.failed_attempts = i->second.failed_attempts;
    task.setup.first_pause
      = std::max(ms{0}, i->second.due - now(self, *st.ctx));
  }
  task.priority = st.job.source ? st.job.source->options.priority : 0;
  task.traceparent = st.job.traceparent;
  st.live[work] = {task.setup.failed_attempts + 1, waiting_view{}};
  auto child = spawn_stage(self, st.ctx, std::move(task),
                           caf::actor_cast<job_actor>(self));
  self->send(child, atom::start_v);
  st.running.insert(work);
  st.stages.emplace(work, std::move(child));
}

// -- what others are told
// ----------------------------------------------------------

void tell_gateway(job_ptr self) {
  auto& st = self->state;
  if (st.quiet || !st.job.source || st.job.row.status == job_status::rejected)
    return;
  report_update update;
  update.progress = static_cast<int>(std::floor(100 * progress_of(st.job)));
  if (st.job.owed) {
    if (st.reporting)
      return;
    st.reporting = true;
    auto& owed = *st.job.owed;
    update.status = owed.status;
    update.activity = owed.activity;
    update.output_object_key = owed.output_object_key;
    if (owed.status == "COMPLETED") {
      update.progress = 100;
      update.time_left = "0s";
    }
    self->send(st.ctx->reporter,
               owed_report{st.job.row.job_no, st.job.row.job_id,
                           std::move(update),
                           caf::actor_cast<job_actor>(self)});
    return;
  }
  if (!st.job.is_active())
    return;
  update.status = "PROCESSING";
  update.activity = activity_of(st.job);
  auto view = view_of(st.job, st.live, now(self, *st.ctx));
  if (view.eta_p50_seconds)
    update.time_left = human_duration(*view.eta_p50_seconds);
  self->send(
    st.ctx->reporter,
    progress_report{st.job.row.job_no, st.job.row.job_id, std::move(update)});
}

/// Without the source nobody at the gateway knows the job: then a debt that
/// came from a failed fetch is still told.
void tell_failed_fetch(job_ptr self) {
  auto& st = self->state;
  if (st.quiet || st.job.source || !st.job.owed || st.reporting)
    return;
  st.reporting = true;
  report_update update{st.job.owed->status, 0, st.job.owed->activity, {}, {}};
  self->send(st.ctx->reporter,
             owed_report{st.job.row.job_no, st.job.row.job_id,
                         std::move(update), caf::actor_cast<job_actor>(self)});
}

void tell_watchers(job_ptr self) {
  auto& st = self->state;
  auto status = st.job.row.status;
  auto known = st.job.source || is_final(status) || st.waited;
  if (st.watchers.empty() || !known || st.job.seq == 0)
    return;
  auto watchers = std::exchange(st.watchers, {});
  for (auto& tell : watchers) {
    if (status == job_status::rejected)
      tell(intake_rejected{st.job.error->why.message});
    else
      tell(intake_accepted{view_of(st.job, st.live, now(self, *st.ctx)), false,
                           st.job.source.has_value()});
  }
}

void observe(job_ptr self, const event& what, job_status before) {
  auto& st = self->state;
  auto& m = *st.ctx->metrics;
  if (st.job.row.status != before)
    m.job_state_changed(to_string(before), to_string(st.job.row.status));
  auto took = [&](const std::string& stage) {
    auto i = st.job.plan->find(stage);
    auto begin = i < 0 ? std::nullopt
                       : st.job.stages[static_cast<std::size_t>(i)].started_at;
    return begin ? what.at - *begin : ms{0};
  };
  if (auto x = std::get_if<ev::stage_completed>(&what.body))
    m.stage_ended(x->stage, "completed", took(x->stage));
  if (auto x = std::get_if<ev::stage_failed>(&what.body))
    m.stage_ended(x->stage, "failed", took(x->stage));
}

// -- persist, then act
// ---------------------------------------------------------------

/// Ends the stages whose item is done, lets those go on whose failure is on
/// record, and starts what may start.
void act_on(job_ptr self, const event& what) {
  auto& st = self->state;
  auto ref = [&](const std::string& stage, std::uint32_t item) {
    return work_ref{static_cast<std::uint32_t>(st.job.plan->find(stage)), item};
  };
  if (auto x = std::get_if<ev::item_completed>(&what.body))
    end_stage(self, ref(x->stage, x->item));
  if (auto x = std::get_if<ev::stage_completed>(&what.body))
    end_stage(self, ref(x->stage, 0)); // of one item; others ended with theirs
  if (auto x = std::get_if<ev::attempt_failed>(&what.body))
    if (auto i = st.stages.find(ref(x->stage, x->item)); i != st.stages.end())
      self->send(i->second, atom::recorded_v);
}

void start_work(job_ptr self) {
  auto& st = self->state;
  if (!st.job.is_active())
    end_all_stages(self);
  for (auto& work : startable(st.job, st.running, st.ctx->window))
    start_stage(self, work);
  tell_gateway(self);
  tell_failed_fetch(self);
  tell_watchers(self);
  if (is_final(st.job.row.status) && (!st.job.owed || st.quiet))
    self->send(st.manager,
               job_news{st.job.row.job_no, st.job.row.status, true});
}

/// Turns what came into facts and has them written: one append in flight, what
/// comes meanwhile waits for its acknowledgement.
void append_next(job_ptr self) {
  auto& st = self->state;
  if (st.appending || !st.loaded)
    return;
  auto batch = std::make_shared<journal_append>();
  auto t = now(self, *st.ctx);
  while (!st.inputs.empty() && batch->events.empty()) {
    auto input = std::move(st.inputs.front());
    st.inputs.pop_front();
    for (auto& body : decide(st.job, input)) {
      auto seq = st.job.seq + batch->events.size() + 1;
      batch->events.push_back({seq, t, st.job.row.run, std::move(body)});
    }
  }
  if (batch->events.empty())
    return;
  batch->job_no = st.job.row.job_no;
  batch->epoch = st.ctx->epoch;
  batch->expected_seq = st.job.seq;
  batch->row = row_after(st.job, batch->events);
  st.appending = true;
  self->send(st.ctx->writer, append_request{std::move(batch),
                                            caf::actor_cast<job_actor>(self)});
}

void on_appended(job_ptr self, const append_done& x) {
  auto& st = self->state;
  st.appending = false;
  for (auto& what : *x.events) {
    auto before = st.job.row.status;
    evolve(st.job, what);
    observe(self, what, before);
    act_on(self, what);
  }
  start_work(self);
  append_next(self);
}

/// How soon an unreadable history is read again.
constexpr ms load_retry{1'000};

void on_loaded(job_ptr self, const history_loaded& x) {
  auto& st = self->state;
  if (!*x.events) {
    // Nobody's fault here, and no reason to give the job up.
    self->delayed_send(
      st.ctx->reader, load_retry,
      load_history{st.job.row.job_no, caf::actor_cast<job_actor>(self)});
    return;
  }
  for (auto& what : **x.events)
    evolve(st.job, what);
  st.loaded = true;
  start_work(self);
  for (auto& ask : std::exchange(st.asks, {}))
    self->send(caf::actor_cast<job_actor>(self), std::move(ask));
  append_next(self);
}

void on_ask(job_ptr self, job_ask& x) {
  auto& st = self->state;
  if (!st.loaded)
    st.asks.push_back(std::move(x));
  else if (x.query.kind == job_query::what::segments)
    x.on_answer(segments_of(st.job, x.query.cursor, x.query.limit));
  else
    x.on_answer(view_of(st.job, st.live, now(self, *st.ctx)));
}

/// A stage that died from a bug is started again from what is on record.
void on_down(job_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  auto i = std::find_if(st.stages.begin(), st.stages.end(), [&](auto& kvp) {
    return kvp.second.address() == x.source;
  });
  if (i == st.stages.end())
    return;
  auto work = i->first;
  st.stages.erase(i);
  st.running.erase(work);
  st.live.erase(work);
  st.ctx->metrics->actor_restarted("stage");
  if (st.restarts.may_restart(now(self, *st.ctx))) {
    start_work(self);
    return;
  }
  fault why{
    fault_code::internal, "the stage's actor died again and again", 0, {}};
  st.inputs.push_back(in::gave_up{work, 1, std::move(why)});
  append_next(self);
}

} // namespace

job_actor::behavior_type job(job_ptr self, context_ptr ctx,
                             manager_actor manager, job_row row, bool fresh) {
  auto& init = self->state;
  init.ctx = std::move(ctx);
  init.manager = std::move(manager);
  init.job.row = std::move(row);
  init.loaded = fresh;
  self->set_down_handler([self](caf::down_msg& x) { on_down(self, x); });
  // Stages are linked so that they end with the job, not it with them.
  self->set_exit_handler([self](caf::exit_msg& x) {
    if (x.source == self->state.manager.address())
      self->quit(x.reason);
  });
  if (!fresh)
    self->send(
      init.ctx->reader,
      load_history{init.job.row.job_no, caf::actor_cast<job_actor>(self)});
  return {
    [self](in::accept& x) {
      self->state.inputs.push_back(std::move(x));
      append_next(self);
    },
    [self](const history_loaded& x) { on_loaded(self, x); },
    [self](stage_news& x) {
      self->state.inputs.push_back(std::move(x.what));
      append_next(self);
    },
    [self](stage_waits& x) {
      auto& live = self->state.live;
      if (auto i = live.find(x.work); i != live.end())
        i->second = {x.attempt, std::move(x.why)};
    },
    [self](const append_done& x) { on_appended(self, x); },
    [self](const append_refused& x) {
      // Somebody else writes this job: it is not ours any more.
      self->quit(caf::make_error(caf::sec::runtime_error, x.why.message));
    },
    [self](const report_news& x) {
      auto& inputs = self->state.inputs;
      if (x.told)
        inputs.push_back(in::told{});
      if (!x.delivered.empty())
        inputs.push_back(in::delivered{x.delivered});
      append_next(self);
    },
    [self](in::cancel& x) {
      auto& st = self->state;
      if (x.silent) {
        st.quiet = true;
        self->send(st.ctx->reporter, atom::withdraw_v, st.job.row.job_no);
      }
      st.inputs.push_back(std::move(x));
      append_next(self);
    },
    [self](job_ask& x) { on_ask(self, x); },
    [self](job_watch& x) {
      self->state.watchers.push_back(std::move(x.on_fetched));
      self->delayed_send(self, fetch_wait, atom::tick_v);
      tell_watchers(self);
    },
    [self](atom::tick) {
      self->state.waited = true;
      tell_watchers(self);
    },
  };
}

} // namespace dubber
