#include "actors/job.hpp"

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
      auto& wishes = st.callers->wishes;
      st.callers->wish_in_flight = asker_of(self, next.events);
      st.callers->notes = std::move(wishes.front().notes);
      wishes.erase(wishes.begin());
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
    if (st.callers)
      batch->notes = std::exchange(st.callers->notes, {});
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
  if (st.callers && st.loaded && !on_the_way)
    for (auto& ask : std::exchange(st.callers->asks, {}))
      answer(self, ask);
}

/// Gives the room of those back that want nothing any more.
void forget_callers(job_actor_state& st) {
  if (st.callers && st.callers->is_idle())
    st.callers.reset();
}

} // namespace

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
  auto on_answer
    = st.callers ? std::exchange(st.callers->wish_in_flight, nullptr) : nullptr;
  DUBBER_FAIL_POINT("job.before_act");
  act(self);
  answer_asks(self);
  if (on_answer)
    on_answer(control_done{view(self), true});
  append_next(self);
  forget_callers(st);
}

void load(job_ptr self) {
  auto& st = self->state;
  load_history what{st.job.row.job_no, caf::actor_cast<job_actor>(self)};
  self->send(st.ctx->writer, flush_request{[reader = st.ctx->reader, what] {
               caf::anon_send(reader, what);
             }});
}

namespace {

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

} // namespace

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

void take(job_ptr self, job_input what) {
  self->state.inputs.push_back(std::move(what));
  append_next(self);
}

void on_begin(job_ptr self, job_begin& x) {
  self->state.callers.make().notes = std::move(x.notes);
  take(self, std::move(x.what));
}

void on_report_news(job_ptr self, const report_news& x) {
  auto& st = self->state;
  if (st.reporting != x.debt)
    return; // of a debt that was taken back
  st.report_again = x.again_at;
  if (x.told)
    st.inputs.push_back(in::told{x.debt});
  if (!x.delivered.empty())
    st.inputs.push_back(in::delivered{x.delivered, x.debt});
  append_next(self);
}

void on_ask(job_ptr self, job_ask& x) {
  self->state.callers.make().asks.push_back(std::move(x));
  answer_asks(self);
  tell_manager(self);
  forget_callers(self->state);
}

void on_watch(job_ptr self, job_watch& x) {
  self->state.callers.make().watchers.push_back(std::move(x.on_fetched));
  self->delayed_send(self, fetch_wait, atom::tick_v);
  tell_watchers(self);
  tell_manager(self);
}

void on_waited(job_ptr self) {
  self->state.waited = true;
  tell_watchers(self);
  answer_asks(self);
  forget_callers(self->state);
}

job_actor_state::~job_actor_state() {
  if (loaded && job.seq > 0)
    ctx->metrics->job_let_go(to_string(job.row.status));
}

} // namespace dubber
