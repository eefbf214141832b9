#include "actors/job.hpp"
#include "actors/manager.hpp"
#include "core/fail_point.hpp"

#include <caf/send.hpp>

namespace dubber {

namespace {

intake_refused refuse(intake_refused::reason why, std::string message,
                      ms retry_after) {
  return {why, std::move(message), retry_after};
}

intake_refused stopping() {
  return refuse(intake_refused::reason::stopping,
                "the orchestrator is stopping", ms{10'000});
}

/// Nothing, or why no new job can be taken in now.
std::optional<intake_refused> obstacle(manager_ptr self) {
  auto& st = self->state;
  using r = intake_refused::reason;
  if (st.stopping)
    return stopping();
  if (auto trouble = st.ctx->health.trouble(); !trouble.empty())
    return refuse(r::journal_away, trouble, ms{5'000});
  auto full = [](std::size_t n, const char* what) {
    return refuse(r::full, "there are " + std::to_string(n) + what, ms{30'000});
  };
  auto most = st.ctx->max_open_jobs;
  auto all = st.jobs.size() + st.backlog.size();
  if (all - st.ended >= most)
    return full(all - st.ended, " open jobs, as many as MAX_OPEN_JOBS allows");
  // What has ended makes room, but not without end: the gateway may be down.
  if (all >= 2 * most)
    return full(all, " jobs, twice MAX_OPEN_JOBS, with those that have ended "
                     "and that the gateway was not seen to know");
  return std::nullopt;
}

/// False when it was refused.
bool begin_job(manager_ptr self, intake_request& x) {
  if (auto why = obstacle(self)) {
    x.on_answer(*why);
    return false;
  }
  auto& st = self->state;
  job_row row;
  row.job_no = st.next_job_no++;
  row.job_id = x.command.job_id;
  DUBBER_FAIL_POINT("intake.before_record");
  launch(self, row, true);
  in::accept accept{row.job_id,         row.job_no,   x.command.pipeline,
                    x.command.priority, x.command.by, x.command.traceparent};
  tell_job(self, row.job_no,
           job_begin{std::move(accept), std::move(x.command.notes)});
  tell_job(self, row.job_no, job_watch{std::move(x.on_answer)});
  return true;
}

void answer_known(manager_ptr self, intake_request& x) {
  job_query query;
  query.job_id = x.command.job_id;
  auto answer = [f = std::move(x.on_answer)](query_answer a) {
    auto view = std::get_if<job_view>(&a);
    if (view && view->row.status == job_status::rejected)
      f(intake_rejected{view->error ? view->error->why.message : ""});
    else if (view)
      f(intake_accepted{*view, true, !view->gateway_json.empty()});
    else
      f(refuse(intake_refused::reason::journal_away, std::get<fault>(a).message,
               ms{5'000}));
  };
  self->send(handle(self), job_ask{query, std::move(answer)});
}

in::control wish_of(const control_command& x) {
  in::control out{x.what, x.stage, x.by, x.reason, false};
  out.pipeline = x.pipeline;
  if (x.edit)
    out.edit = std::make_shared<segment_edit>(*x.edit);
  return out;
}

/// A restart is a wish whose answer reads like an intake's.
control_request restart_of(intake_request& x) {
  control_request out;
  out.command.what = control_verb::restart;
  out.command.job_id = x.command.job_id;
  out.command.by = x.command.by;
  out.command.pipeline = std::move(x.command.pipeline);
  out.command.notes = std::move(x.command.notes);
  out.on_answer = [f = std::move(x.on_answer)](control_answer a) {
    if (auto done = std::get_if<control_done>(&a))
      f(intake_accepted{done->job, false, !done->job.gateway_json.empty()});
    else if (auto no = std::get_if<control_impossible>(&a))
      f(intake_conflict{no->why, no->job});
    else
      f(refuse(intake_refused::reason::journal_away, std::get<fault>(a).message,
               ms{5'000}));
  };
  return out;
}

/// The job that is known by this id, live or not, gets the wish.
void pass_on(manager_ptr self, const job_row& row, control_request& x) {
  if (!self->state.jobs.count(row.job_no))
    launch(self, row, false);
  tell_job(self, row.job_no,
           job_control{wish_of(x.command), std::move(x.on_answer),
                       std::move(x.command.notes), x.command.dry_run});
}

/// A job of which only the row is left.
job_view row_view(const job_row& row) {
  job_view out;
  out.row = row;
  return out;
}

void settle_wishes(manager_ptr self, std::int64_t job_id,
                   const result<std::optional<job_row>>& found) {
  auto waiting = self->state.wishes.extract(job_id);
  if (waiting.empty())
    return;
  for (auto& x : waiting.mapped()) {
    if (!found)
      x.on_answer(found.error());
    else if (!*found)
      x.on_answer(fault{fault_code::not_found,
                        "there is no job " + std::to_string(job_id),
                        0,
                        {}});
    else if ((*found)->pruned && !self->state.jobs.count((*found)->job_no))
      x.on_answer(control_impossible{
        "its history was removed after HISTORY_RETENTION; a restart begins it "
        "anew",
        row_view(**found)});
    else
      pass_on(self, **found, x);
  }
}

} // namespace

void settle(manager_ptr self, std::int64_t job_id,
            const std::optional<job_row>& known, bool begin) {
  auto waiting = self->state.looking_up.extract(job_id);
  if (waiting.empty())
    return;
  auto begun = false;
  for (auto& x : waiting.mapped()) {
    if (begin) {
      begun = begin_job(self, x);
      begin = !begun;
    } else if (begun)
      answer_known(self, x); // also a restart: the one known before is history
    else if (x.command.restart && known && known->pruned)
      begin_job(self, x);
    else if (x.command.restart && known) {
      auto wish = restart_of(x);
      pass_on(self, *known, wish);
    } else
      answer_known(self, x);
  }
}

void refuse_waiting(manager_ptr self, std::int64_t job_id,
                    const std::string& why) {
  auto waiting = self->state.looking_up.extract(job_id);
  if (!waiting.empty())
    for (auto& x : waiting.mapped())
      x.on_answer(refuse(intake_refused::reason::journal_away, why, ms{5'000}));
}

void on_intake(manager_ptr self, intake_request& x) {
  auto& st = self->state;
  if (st.stopping) {
    x.on_answer(stopping());
    return;
  }
  auto id = x.command.job_id;
  auto& waiting = st.looking_up[id];
  waiting.push_back(std::move(x));
  if (waiting.size() > 1)
    return;
  auto live = st.newest.find(id);
  if (live == st.newest.end()) {
    self->send<caf::message_priority::high>(st.ctx->reader,
                                            find_newest{id, handle(self)});
    return;
  }
  auto row = *st.jobs.at(live->second).row; // a copy: settling may end the job
  if (row.source_object_key.empty())
    settle(self, id, row, false);
  else
    verify(self, row);
}

void on_control(manager_ptr self, control_request& x) {
  auto& st = self->state;
  if (st.stopping) {
    x.on_answer(
      fault{fault_code::busy, "the orchestrator is stopping", 0, ms{10'000}});
    return;
  }
  auto id = x.command.job_id;
  if (st.silencing.count(id)) { // it may be about another job by then
    st.wishes[id].push_back(std::move(x));
    return;
  }
  if (auto live = st.newest.find(id); live != st.newest.end()) {
    auto row = *st.jobs.at(live->second).row;
    pass_on(self, row, x);
    return;
  }
  auto& waiting = st.wishes[id];
  waiting.push_back(std::move(x));
  if (waiting.size() == 1)
    self->send<caf::message_priority::high>(st.ctx->reader,
                                            find_newest{id, handle(self)});
}

void on_newest(manager_ptr self, const newest_row& x) {
  auto& found = *x.row;
  auto& st = self->state;
  if (!st.silencing.count(x.job_id))
    settle_wishes(self, x.job_id, found);
  if (!found) {
    refuse_waiting(self, x.job_id, found.error().message);
    return;
  }
  if (!st.looking_up.count(x.job_id) || st.verifying.count(x.job_id)
      || st.silencing.count(x.job_id))
    return;
  // A wish may have brought it back to life meanwhile.
  auto row = *found;
  if (auto live = st.newest.find(x.job_id); live != st.newest.end())
    row = *st.jobs.at(live->second).row;
  // What the gateway once did not have, it may have now; but of two jobs that
  // tell it of the same id neither would ever be done.
  auto unknown = row && row->source_object_key.empty();
  if (!row || row->status == job_status::rejected
      || (unknown && is_final(row->status) && !row->owes_report))
    settle(self, x.job_id, row, true);
  else if (unknown)
    settle(self, x.job_id, row, false);
  else
    verify(self, *row);
}

void refuse_all(manager_ptr self) {
  auto& st = self->state;
  for (auto& [id, waiting] : std::exchange(st.looking_up, {}))
    for (auto& x : waiting)
      x.on_answer(stopping());
  for (auto& [id, waiting] : std::exchange(st.wishes, {}))
    for (auto& x : waiting)
      x.on_answer(
        fault{fault_code::busy, "the orchestrator is stopping", 0, ms{10'000}});
}

} // namespace dubber
