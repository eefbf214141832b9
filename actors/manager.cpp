#include "actors/manager.hpp"

#include "actors/job.hpp"
#include "actors/reader.hpp"

#include <caf/send.hpp>

namespace dubber {

namespace {

using manager_ptr = manager_actor::stateful_pointer<manager_state>;

manager_actor handle(manager_ptr self) {
  return caf::actor_cast<manager_actor>(self);
}

job_actor launch(manager_ptr self, const job_row& row, bool fresh) {
  auto& st = self->state;
  auto hdl = self->spawn<caf::monitored + caf::linked>(
    job, st.ctx, handle(self), row, fresh);
  auto& entry = st.jobs[row.job_no];
  entry.actor = hdl;
  entry.row = row;
  auto [i, added] = st.newest.emplace(row.job_id, row.job_no);
  if (!added && i->second < row.job_no)
    i->second = row.job_no;
  return hdl;
}

// -- intake
// ----------------------------------------------------------------------

intake_refused refuse(intake_refused::reason why, std::string message,
                      ms retry_after) {
  return {why, std::move(message), retry_after};
}

/// Nothing, or why no new job can be taken in now.
std::optional<intake_refused> obstacle(manager_ptr self) {
  auto& st = self->state;
  using r = intake_refused::reason;
  if (st.stopping)
    return refuse(r::stopping, "the orchestrator is stopping", ms{10'000});
  if (auto trouble = st.ctx->health.trouble(); !trouble.empty())
    return refuse(r::journal_away, trouble, ms{5'000});
  if (st.jobs.size() >= st.ctx->max_open_jobs)
    return refuse(r::full,
                  "there are " + std::to_string(st.jobs.size())
                    + " open jobs, as many as MAX_OPEN_JOBS allows",
                  ms{30'000});
  return std::nullopt;
}

void begin_job(manager_ptr self, intake_request& x) {
  if (auto why = obstacle(self)) {
    x.on_answer(*why);
    return;
  }
  auto& st = self->state;
  job_row row;
  row.job_no = st.next_job_no++;
  row.job_id = x.command.job_id;
  auto hdl = launch(self, row, true);
  in::accept accept{row.job_id,         row.job_no,   x.command.pipeline,
                    x.command.priority, x.command.by, x.command.traceparent};
  self->send(hdl, std::move(accept));
  self->send(hdl, job_watch{std::move(x.on_answer)});
}

void answer_known(manager_ptr self, intake_request& x) {
  job_query query;
  query.job_id = x.command.job_id;
  auto answer = [f = std::move(x.on_answer)](query_answer a) {
    if (auto view = std::get_if<job_view>(&a))
      f(intake_accepted{*view, true, !view->gateway_json.empty()});
    else
      f(intake_refused{intake_refused::reason::journal_away,
                       std::get<fault>(a).message, ms{5'000}});
  };
  self->send(handle(self), job_ask{query, std::move(answer)});
}

/// All that wait for news of this id.
void settle(manager_ptr self, std::int64_t job_id, bool start_new) {
  auto waiting = self->state.looking_up.extract(job_id);
  if (waiting.empty())
    return;
  for (auto& x : waiting.mapped()) {
    if (start_new && !self->state.newest.count(job_id))
      begin_job(self, x);
    else
      answer_known(self, x);
  }
}

/// The gateway may have begun anew with its ids: is this still the job we know?
void verify(manager_ptr self, const job_row& known) {
  auto& st = self->state;
  st.verifying[known.job_id] = known;
  auto order = std::make_shared<work_order>();
  order->kind = work_kind::fetch;
  order->service = "gateway";
  order->job_id = known.job_id;
  attempt_info info;
  info.timeout = fetch_wait;
  st.checks[known.job_id]
    = st.ctx->workers.at(work_kind::fetch)
        ->start(order, info,
                [me = handle(self), id = known.job_id](result<work_result> r) {
                  auto p = std::make_shared<result<work_result>>(std::move(r));
                  caf::anon_send(me, verified_source{id, p});
                });
}

void on_newest(manager_ptr self, const newest_row& x) {
  auto& found = *x.row;
  if (!found) {
    auto waiting = self->state.looking_up.extract(x.job_id);
    for (auto& w : waiting.mapped())
      w.on_answer(refuse(intake_refused::reason::journal_away,
                         found.error().message, ms{5'000}));
    return;
  }
  // What the gateway once did not have, it may have now.
  auto& row = *found;
  if (!row || row->status == job_status::rejected
      || row->source_object_key.empty())
    settle(self, x.job_id, true);
  else
    verify(self, *row);
}

void on_verified(manager_ptr self, const verified_source& x) {
  auto& st = self->state;
  st.checks.erase(x.job_id);
  auto known = st.verifying.extract(x.job_id);
  if (known.empty())
    return;
  auto now_there = *x.outcome ? std::get_if<fetched>(&**x.outcome) : nullptr;
  auto another
    = now_there
      && now_there->source_object_key != known.mapped().source_object_key;
  settle(self, x.job_id, another);
}

void on_intake(manager_ptr self, intake_request& x) {
  auto& st = self->state;
  if (st.stopping) {
    x.on_answer(*obstacle(self));
    return;
  }
  auto id = x.command.job_id;
  if (st.newest.count(id)) {
    answer_known(self, x);
    return;
  }
  auto& waiting = st.looking_up[id];
  waiting.push_back(std::move(x));
  if (waiting.size() == 1)
    self->send(st.ctx->reader, find_newest{id, handle(self)});
}

// -- supervision
// -------------------------------------------------------------------

void forget(manager_ptr self, std::uint64_t job_no) {
  auto& st = self->state;
  auto i = st.jobs.find(job_no);
  if (i == st.jobs.end())
    return;
  if (auto n = st.newest.find(i->second.row.job_id);
      n != st.newest.end() && n->second == job_no)
    st.newest.erase(n);
  self->demonitor(i->second.actor.address());
  self->send_exit(i->second.actor, caf::exit_reason::user_shutdown);
  st.jobs.erase(i);
}

void on_down(manager_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  for (auto& [job_no, entry] : st.jobs) {
    if (entry.actor.address() != x.source)
      continue;
    st.ctx->metrics->actor_restarted("job");
    auto may = entry.restarts.may_restart(now(self, *st.ctx));
    auto row = entry.row;
    launch(self, row, false);
    if (!may)
      self->send(entry.actor, in::cancel{"supervisor",
                                         "its actor died again and again: "
                                           + self->system().render(x.reason),
                                         false});
    return;
  }
}

void on_unfinished(manager_ptr self, const unfinished_rows& x) {
  auto& st = self->state;
  if (!*x.rows) {
    st.ctx->health.set((*x.rows).error().message);
    self->delayed_send(self, ms{1'000}, atom::start_v);
    return;
  }
  for (auto& row : **x.rows)
    if (!st.jobs.count(row.job_no))
      launch(self, row, false);
  if ((*x.rows)->size() == recovery_page)
    self->send(st.ctx->reader,
               list_unfinished{(*x.rows)->back().job_no, handle(self)});
}

} // namespace

manager_actor::behavior_type manager(manager_ptr self, context_ptr ctx,
                                     std::uint64_t next_job_no) {
  self->state.ctx = std::move(ctx);
  self->state.next_job_no = next_job_no;
  self->set_down_handler([self](caf::down_msg& x) { on_down(self, x); });
  // Jobs are linked so that they end with the manager, not it with them.
  // `anon_send_exit` names the receiver as the source.
  self->set_exit_handler([self](caf::exit_msg& x) {
    if (!x.source || x.source == self->address())
      self->quit(x.reason);
  });
  return {
    [self](atom::start) {
      self->send(self->state.ctx->reader, list_unfinished{0, handle(self)});
    },
    [self](atom::stop) {
      self->state.stopping = true;
      for (auto& [id, waiting] : std::exchange(self->state.looking_up, {}))
        for (auto& x : waiting)
          x.on_answer(*obstacle(self));
    },
    [self](intake_request& x) { on_intake(self, x); },
    [self](job_ask& x) {
      auto& st = self->state;
      auto i = st.newest.find(x.query.job_id);
      if (i == st.newest.end() || x.query.kind == job_query::what::history)
        self->send(st.ctx->reader, std::move(x));
      else
        self->send(st.jobs.at(i->second).actor, std::move(x));
    },
    [self](const job_news& x) {
      if (x.over)
        forget(self, x.job_no);
    },
    [self](const newest_row& x) { on_newest(self, x); },
    [self](const unfinished_rows& x) { on_unfinished(self, x); },
    [self](const verified_source& x) { on_verified(self, x); },
  };
}

} // namespace dubber
