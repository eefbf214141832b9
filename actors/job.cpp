#include "actors/job.hpp"

#include "actors/dying.hpp"
#include "core/fail_point.hpp"
#include "journal/notes.hpp"

#include <caf/send.hpp>

namespace dubber {

namespace {

/// What follows from the job as it is now on record.
void act(job_ptr self) {
  run_stages(self);
  forecast(self);
  tell_gateway(self);
  tell_watchers(self);
  tell_manager(self);
}

/// The definition goes to the journal with the first job that has it.
void note_pipeline(job_actor_state& st, journal_append& with, time_point t) {
  auto& noted = st.ctx->noted_pipelines;
  for (auto& what : with.events)
    if (auto x = std::get_if<ev::pipeline_chosen>(&what.body);
        x && !x->id.empty() && noted.count(x->id) == 0)
      with.notes.push_back({pipeline_area, x->id,
                            st.ctx->pipelines->known.at(x->id)->definition, t});
}

/// Turns what came into facts and has them written: one append in flight, what
/// comes meanwhile waits for its acknowledgement.
void append_next(job_ptr self) {
  auto& st = self->state;
  if (st.appending || !st.loaded)
    return;
  while (!st.inputs.empty()) {
    if (put_aside(self))
      continue;
    auto next
      = decide_all(st.job, st.inputs, now(self, *st.ctx), st.ctx->rules);
    if (std::holds_alternative<in::control>(st.inputs.front())) {
      st.wish_in_flight = asker_of(self, next.events);
      st.notes = std::move(st.wishes.front().notes);
      st.wishes.erase(st.wishes.begin());
    }
    st.inputs.erase(st.inputs.begin(),
                    st.inputs.begin() + static_cast<std::ptrdiff_t>(next.used));
    if (next.events.empty())
      continue;
    auto batch = std::make_shared<journal_append>();
    batch->job_no = st.job.row.job_no;
    batch->epoch = st.ctx->epoch;
    batch->expected_seq = st.job.seq;
    batch->events = std::move(next.events);
    batch->row = std::move(next.row);
    batch->notes = std::exchange(st.notes, {});
    batch->results = std::move(next.results);
    note_pipeline(st, *batch, now(self, *st.ctx));
    st.appending = batch;
    self->send(
      st.ctx->writer,
      append_request{std::move(batch), caf::actor_cast<job_actor>(self), {}});
    return;
  }
}

void answer(job_ptr self, const job_ask& x) {
  auto& st = self->state;
  if (st.job.seq == 0 && st.appending)
    x.on_answer(fault{fault_code::disk, why_not_on_record(*st.ctx), 0, {}});
  else if (st.job.seq == 0)
    x.on_answer(fault{fault_code::not_found,
                      "there is no job " + std::to_string(st.job.row.job_id),
                      0,
                      {}});
  else if (x.query.kind == job_query::what::segments)
    x.on_answer(segments_answer(segments(self, x.query)));
  else
    x.on_answer(view(self));
}

/// Nothing is shown that is not on record; when that takes too long they are
/// told so.
void answer_asks(job_ptr self) {
  auto& st = self->state;
  auto on_the_way = st.job.seq == 0 && st.appending && !st.waited;
  if (st.loaded && !on_the_way)
    for (auto& ask : std::exchange(st.asks, {}))
      answer(self, ask);
}

void on_appended(job_ptr self, const append_done& x) {
  auto& st = self->state;
  auto done = std::exchange(st.appending, nullptr);
  auto run = st.job.row.run;
  for (auto& what : *x.events) {
    auto before = st.job.row.status;
    evolve(st.job, what);
    observe(self, what, before);
    if (auto chosen = std::get_if<ev::pipeline_chosen>(&what.body))
      st.ctx->noted_pipelines.insert(chosen->id);
    if (std::holds_alternative<ev::job_resumed>(what.body)
        && before != job_status::paused)
      begin_anew(self);
  }
  if (st.job.row.run != run)
    forget_run(self);
  if (!done->results.empty())
    self->send(st.ctx->cache, cache_filled{std::move(done)});
  for (auto& what : *x.events)
    if (auto edit = std::get_if<ev::segment_edited>(&what.body))
      forget_overtaken(self, *edit);
  // By what the job has come to with all of them.
  for (auto& what : *x.events)
    act_on(self, what);
  auto on_answer = std::exchange(st.wish_in_flight, nullptr);
  DUBBER_FAIL_POINT("job.before_act");
  act(self);
  answer_asks(self);
  if (on_answer)
    on_answer(control_done{view(self), true});
  append_next(self);
}

/// Has the history read when all is in it that is under way to the journal: of
/// an actor that died an append may be.
void load(job_ptr self) {
  auto& st = self->state;
  load_history what{st.job.row.job_no, caf::actor_cast<job_actor>(self)};
  self->send(st.ctx->writer, flush_request{[reader = st.ctx->reader, what] {
               caf::anon_send(reader, what);
             }});
}

/// How soon an unreadable history is read again.
constexpr ms load_retry{1'000};

/// Nobody's fault here, and no reason to give the job up.
void load_later(job_ptr self, const fault& why) {
  auto& st = self->state;
  if (!std::exchange(st.unreadable, true))
    log_unreadable(st.job.row, why);
  self->delayed_send(
    st.ctx->reader, load_retry,
    load_history{st.job.row.job_no, caf::actor_cast<job_actor>(self)});
}

void on_loaded(job_ptr self, const history_loaded& x) {
  auto& st = self->state;
  if (!*x.events)
    return load_later(self, x.events->error());
  auto before = st.job;
  for (auto& what : **x.events)
    evolve(st.job, what);
  if (st.job.plan_missing) {
    auto why = pipeline_missing(st.job);
    st.job = std::move(before);
    return load_later(self, why);
  }
  st.loaded = true;
  if (st.job.seq > 0)
    st.ctx->metrics->job_taken_up(to_string(st.job.row.status));
  if (st.job.parked_until)
    self->delayed_send(
      self, std::max(ms{0}, *st.job.parked_until - now(self, *st.ctx)) + ms{1},
      atom::park_over_v);
  DUBBER_FAIL_POINT("recovery.loaded");
  answer_asks(self);
  append_next(self);
  if (!st.appending) // else a wish that waited goes before new calls
    act(self);
  tell_manager(self);
}

} // namespace

void take(job_ptr self, job_input what) {
  self->state.inputs.push_back(std::move(what));
  append_next(self);
}

job_actor_state::~job_actor_state() {
  if (loaded && job.seq > 0)
    ctx->metrics->job_let_go(to_string(job.row.status));
}

job_actor::behavior_type job(job_ptr self, context_ptr ctx,
                             manager_actor manager, const job_row& row,
                             bool fresh) {
  auto& init = self->state;
  init.ctx = std::move(ctx);
  init.manager = std::move(manager);
  init.job.book = init.ctx->pipelines.get();
  init.job.row.job_no = row.job_no; // the rest comes with the events
  init.job.row.job_id = row.job_id;
  init.loaded = fresh;
  explain_death(self);
  self->set_down_handler([self](caf::down_msg& x) {
    if (auto input = restart_stage(self, x))
      take(self, std::move(*input));
  });
  // Stages are linked so that they end with the job, not it with them. What the
  // manager has sent when it died itself names the receiver as the source.
  self->set_exit_handler([self](caf::exit_msg& x) {
    if (x.source == self->state.manager.address()
        || x.source == self->address())
      self->quit(x.reason);
  });
  if (!fresh)
    load(self);
  return {
    [self](job_begin& x) {
      ++self->state.handled;
      self->state.notes = std::move(x.notes);
      take(self, std::move(x.what));
    },
    [self](const history_loaded& x) { on_loaded(self, x); },
    [self](stage_news& x) { on_stage_news(self, x); },
    [self](stage_waits& x) { on_stage_waits(self, x); },
    [self](permit_granted& x) { on_permit(self, x); },
    [](const permit_judged&) {}, // it is its stages that make calls
    [self](atom::queue_full, std::uint64_t id) { on_queue_full(self, id); },
    [self](permit_expired& x) { on_permit_expired(self, x); },
    [self](const cache_found& x) { on_cache_found(self, x); },
    [self](cache_missed& x) { on_cache_missed(self, x); },
    [self](atom::wait, std::uint64_t id) { on_cache_wait(self, id); },
    [self](const append_done& x) { on_appended(self, x); },
    [self](const append_refused& x) {
      // Somebody else writes this job: it is not ours any more.
      self->quit(caf::make_error(caf::sec::runtime_error, x.why.message));
    },
    [self](const report_news& x) {
      if (self->state.reporting != x.debt)
        return; // of a debt that was taken back
      self->state.report_again = x.again_at;
      if (x.told)
        self->state.inputs.push_back(in::told{x.debt});
      if (!x.delivered.empty())
        self->state.inputs.push_back(in::delivered{x.delivered, x.debt});
      append_next(self);
    },
    [self](job_control& x) {
      ++self->state.handled;
      on_control(self, x);
      tell_manager(self);
    },
    [self](const files_looked_for& x) {
      on_files_looked_for(self, x);
      tell_manager(self);
    },
    [self](in::halt& x) {
      ++self->state.handled;
      take(self, std::move(x));
      tell_manager(self);
    },
    [self](job_ask& x) {
      ++self->state.handled;
      self->state.asks.push_back(std::move(x));
      answer_asks(self);
      tell_manager(self);
    },
    [self](job_watch& x) {
      ++self->state.handled;
      self->state.watchers.push_back(std::move(x.on_fetched));
      self->delayed_send(self, fetch_wait, atom::tick_v);
      tell_watchers(self);
      tell_manager(self);
    },
    [self](atom::tick) {
      self->state.waited = true;
      tell_watchers(self);
      answer_asks(self);
    },
    [self](atom::park_over) { take(self, in::park_over{}); },
    [self](atom::report) { report_progress(self); },
  };
}

} // namespace dubber
