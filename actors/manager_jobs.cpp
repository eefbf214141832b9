#include "actors/job.hpp"
#include "actors/manager.hpp"
#include "actors/reader.hpp"
#include "core/fail_point.hpp"
#include "metrics/log.hpp"

#include <utility>

namespace dubber {

namespace {

/// What is known of a live job, with the account of those that have ended.
void note_row(manager_state& st, live_job& entry,
              std::shared_ptr<const job_row> row) {
  auto ended = [](auto& x) {
    return x && is_final(x->status);
  };
  st.ended -= ended(entry.row);
  st.ended += ended(row);
  entry.row = std::move(row);
}

void forget(manager_ptr self, std::uint64_t job_no) {
  auto& st = self->state;
  auto i = st.jobs.find(job_no);
  if (i == st.jobs.end())
    return;
  if (auto n = st.newest.find(i->second.row->job_id);
      n != st.newest.end() && n->second == job_no)
    st.newest.erase(n);
  st.by_address.erase(i->second.actor.address());
  self->demonitor(i->second.actor.address());
  self->send_exit(i->second.actor, caf::exit_reason::user_shutdown);
  note_row(st, i->second, nullptr);
  st.jobs.erase(i);
}

/// How many are still to be taken up, and, once, that it is done.
void say_left(manager_ptr self) {
  auto& st = self->state;
  auto left = st.backlog.size() + st.loading;
  st.ctx->metrics->jobs_to_take_up(left);
  if (!st.recovery_began || st.listing || left > 0)
    return;
  auto took = now(self, *st.ctx) - *st.recovery_began;
  st.recovery_began.reset();
  if (st.taken_up > 0)
    log::write(log::level::info, "recovery.done",
               {{"jobs", std::to_string(st.taken_up)},
                {"took_ms", std::to_string(took.count())}});
}

/// Whether others die over the job whatever it does: it is looked at again when
/// its time has come.
bool is_put_off(manager_ptr self, const job_row& row) {
  auto& st = self->state;
  auto found = st.ctx->put_off.find(row.job_no);
  if (found == st.ctx->put_off.end())
    return false;
  auto left = found->second - now(self, *st.ctx);
  if (left <= ms{0})
    return false;
  self->delayed_send(self, left, atom::start_v);
  return true;
}

/// The next of the backlog, as far as there is room; some at once, so that the
/// reader's thread is not woken for each one.
void take_up(manager_ptr self) {
  auto& st = self->state;
  auto more = st.loading + take_up_batch <= take_up_window;
  while (more && !st.backlog.empty() && st.loading < take_up_window) {
    auto row = std::move(st.backlog.front());
    st.backlog.pop_front();
    st.ended -= is_final(row.status);
    if (st.jobs.count(row.job_no) || is_put_off(self, row))
      continue;
    launch(self, row, false);
    ++st.taken_up;
  }
  say_left(self);
}

} // namespace

job_actor launch(manager_ptr self, const job_row& row, bool fresh) {
  auto& st = self->state;
  auto hdl = self->spawn<caf::monitored>(job, st.ctx, handle(self), row, fresh);
  auto& entry = st.jobs[row.job_no];
  entry.actor = hdl;
  note_row(st, entry, std::make_shared<const job_row>(row));
  entry.sent = 0;
  entry.loaded = fresh;
  st.loading += fresh ? 0 : 1;
  st.by_address[hdl.address()] = row.job_no;
  auto [i, added] = st.newest.emplace(row.job_id, row.job_no);
  if (!added && i->second < row.job_no)
    i->second = row.job_no;
  auto why = st.ctx->condemned.find(row.job_no);
  if (!fresh && why != st.ctx->condemned.end()) {
    entry.halted = true;
    tell_job(self, row.job_no, in::halt{why->second});
  }
  return hdl;
}

void on_job_news(manager_ptr self, const job_news& x) {
  auto& st = self->state;
  auto i = st.jobs.find(x.row->job_no);
  if (i == st.jobs.end())
    return;
  note_row(st, i->second, x.row);
  if (x.row->status == job_status::running)
    i->second.halted = false; // a person wants it to go on
  if (x.loaded && !i->second.loaded) {
    i->second.loaded = true;
    --st.loading;
    take_up(self);
  }
  if (x.over && x.handled == i->second.sent)
    forget(self, x.row->job_no);
}

void on_job_down(manager_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  auto found = st.by_address.extract(x.source);
  if (found.empty())
    return;
  auto job_no = found.mapped();
  auto& entry = st.jobs.at(job_no);
  st.ctx->metrics->actor_restarted("job");
  log_restart(*entry.row, self->system().render(x.reason));
  if (!entry.loaded)
    --st.loading;
  auto row = *entry.row;
  if (entry.restarts.make().may_restart(now(self, *st.ctx))) {
    launch(self, row, false);
  } else if (!entry.halted) {
    entry.halted = true;
    launch(self, row, false);
    tell_job(self, job_no,
             in::halt{"the job's actor died again and again: "
                      + self->system().render(x.reason)});
  } else {
    // It cannot even be parked. Its history stays as it is, and is taken up
    // again after a while.
    log::write(log::level::error, "job.put_off",
               {{"job", std::to_string(row.job_id)},
                {"reason", self->system().render(x.reason)}});
    forget(self, job_no);
    self->delayed_send(self, dead_pause, atom::start_v);
  }
  take_up(self);
}

void on_unfinished(manager_ptr self, const unfinished_rows& x) {
  auto& st = self->state;
  if (!*x.rows) {
    auto& why = x.rows->error().message;
    if (!std::exchange(st.unreadable, true))
      log::write(log::level::error, "recovery.failed", {{"reason", why}});
    st.ctx->health.set(journal_health::reading, why);
    self->delayed_send(self, ms{1'000}, atom::start_v);
    return;
  }
  if (std::exchange(st.unreadable, false)) {
    st.ctx->health.set(journal_health::reading, {});
    log::write(log::level::info, "recovery.goes_on");
  }
  for (auto& row : **x.rows) {
    st.ended += is_final(row.status);
    st.backlog.push_back(row);
  }
  DUBBER_FAIL_POINT("recovery.listed");
  // All are listed at once, a page at a time: what is open is known then.
  st.listing = (*x.rows)->size() == recovery_page;
  if (st.listing)
    self->send(st.ctx->reader,
               list_unfinished{(*x.rows)->back().job_no, handle(self)});
  take_up(self);
}

} // namespace dubber
