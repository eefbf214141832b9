#include "actors/job.hpp"
#include "core/fail_point.hpp"
#include "core/job/progress.hpp"
#include "core/lanes.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

int percent_done(const job_actor_state& st) {
  return static_cast<int>(std::floor(
    100 * progress_of(st.job, st.ctx->forecasts.weights_for(st.job))));
}

/// Without the source nobody knows whether the gateway has the job at all.
bool tells_progress(const job_state& job) {
  return job.takes_results() && job.source;
}

void tell_debt(job_ptr self) {
  auto& st = self->state;
  if (st.reporting == st.job.debt)
    return;
  st.reporting = st.job.debt;
  report_update update;
  update.progress = percent_done(st);
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
                         std::move(update), caf::actor_cast<job_actor>(self),
                         st.job.debt});
}

std::string activity_for_gateway(const job_state& job) {
  if (job.row.status == job_status::parked)
    return "Needs attention: "
           + (job.error ? job.error->why.message : std::string{"parked"});
  if (job.row.status == job_status::paused)
    return "Paused";
  return activity_of(job);
}

} // namespace

job_view view(job_ptr self) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  auto out = view_of(st.job, st.live, st.ctx->forecasts.weights_for(st.job));
  show_time_left(out, st.ctx->forecasts, t);
  explain(out.waiting_for, st.ctx->holds, st.ctx->calls);
  for (auto& stage : out.stages)
    explain(stage.waiting_for, st.ctx->holds, st.ctx->calls);
  if (st.report_again && *st.report_again <= t)
    st.report_again.reset();
  auto journal_away = st.appending && !st.ctx->health.trouble().empty();
  if (auto other
      = other_wait(st.job, st.ctx->holds, journal_away, st.report_again))
    out.waiting_for = std::move(other);
  return out;
}

result<segments_page> segments(job_ptr self, const job_query& query) {
  auto& st = self->state;
  auto page = segments_of(st.job, st.live, query);
  if (!page)
    return page;
  for (auto& x : page->items)
    explain(x.waiting_for, st.ctx->holds, st.ctx->calls);
  return page;
}

void tell_gateway(job_ptr self) {
  auto& st = self->state;
  // A new run has taken the debt back.
  if (st.reporting && !st.job.owed && st.job.takes_results()) {
    st.reporting = 0;
    self->send(st.ctx->reporter, atom::withdraw_v, st.job.row.job_no);
  }
  if (st.quiet || st.job.row.status == job_status::rejected)
    return;
  if (st.job.owed)
    tell_debt(self);
  else if (tells_progress(st.job) && !std::exchange(st.reports_soon, true))
    self->delayed_send(self, report_gather, atom::report_v);
}

void report_progress(job_ptr self) {
  auto& st = self->state;
  st.reports_soon = false;
  if (st.quiet || st.job.owed || !tells_progress(st.job))
    return;
  report_update update;
  update.progress = percent_done(st);
  update.status = "PROCESSING";
  update.activity = activity_for_gateway(st.job);
  if (auto left = st.ctx->forecasts.left(st.job.row.job_no, now(self, *st.ctx)))
    update.time_left = human_duration(left->p50);
  self->send(
    st.ctx->reporter,
    progress_report{st.job.row.job_no, st.job.row.job_id, std::move(update)});
}

std::string why_not_on_record(const context& ctx) {
  auto trouble = ctx.health.trouble();
  return trouble.empty() ? "the journal has not taken the job in time"
                         : trouble;
}

void tell_watchers(job_ptr self) {
  auto& st = self->state;
  auto status = st.job.row.status;
  auto known = st.job.source || is_final(status) || st.waited;
  if (!st.callers || st.callers->watchers.empty() || !known)
    return;
  auto watchers = std::exchange(st.callers->watchers, {});
  DUBBER_FAIL_POINT("intake.before_ack");
  for (auto& tell : watchers) {
    if (st.job.seq == 0) // waited, and it is not on record: nothing to promise
      tell(intake_refused{intake_refused::reason::journal_away,
                          why_not_on_record(*st.ctx), ms{5'000}});
    else if (status == job_status::rejected)
      tell(intake_rejected{st.job.error->why.message});
    else
      tell(
        intake_accepted{dubber::view(self), false, st.job.source.has_value()});
  }
  DUBBER_FAIL_POINT("intake.after_ack");
}

void tell_manager(job_ptr self) {
  auto& st = self->state;
  if (!st.loaded)
    return;
  // Without a record it died before it was accepted: it never was.
  auto ended
    = is_final(st.job.row.status) ? !st.job.owed || st.quiet : st.job.seq == 0;
  auto looks = st.callers && !st.callers->looks.empty();
  auto over = ended && st.inputs.empty() && !st.appending && !looks;
  auto& told = st.told_row;
  auto& row = st.job.row;
  auto same = told && told->status == row.status && told->run == row.run
              && told->source_object_key == row.source_object_key
              && told->owes_report == row.owes_report;
  if (same && !over)
    return;
  told = std::make_shared<const job_row>(row);
  self->send(st.manager, job_news{told, over, st.handled, true});
}

void observe(job_ptr self, const event& what, job_status before) {
  auto& st = self->state;
  auto& m = *st.ctx->metrics;
  if (what.seq == 1)
    m.job_state_changed({}, to_string(st.job.row.status));
  else if (st.job.row.status != before)
    m.job_state_changed(to_string(before), to_string(st.job.row.status));
  auto took = [&](const std::string& stage) {
    auto i = st.job.plan->find(stage);
    auto begin = i < 0 ? maybe_time{}
                       : st.job.stages[static_cast<std::size_t>(i)].started_at;
    return begin ? what.at - *begin : ms{0};
  };
  log_event(st.job, what);
  if (auto x = std::get_if<ev::stage_completed>(&what.body))
    m.stage_ended(defined_name(x->stage), "completed", took(x->stage));
  if (auto x = std::get_if<ev::stage_failed>(&what.body))
    m.stage_ended(defined_name(x->stage), "failed", took(x->stage));
  if (auto x = std::get_if<ev::item_degraded>(&what.body))
    m.segment_degraded(defined_name(x->stage), to_string(x->how));
  if (std::holds_alternative<ev::chunk_halved>(what.body))
    m.chunk_halved();
  if (std::holds_alternative<ev::segment_edited>(what.body))
    m.segment_edited();
}

} // namespace dubber
