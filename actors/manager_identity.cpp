#include "actors/job.hpp"
#include "actors/manager.hpp"

#include <caf/send.hpp>

namespace dubber {

namespace {

/// Ends the job and has it tell nothing any more: its number is another's now.
/// The answer is `job_silenced`, also when its actor dies or takes too long.
void silence(manager_ptr self, const job_row& row) {
  struct reply {
    reply(manager_actor to, job_silenced what) : whom(to), news(what) {
      // nop
    }
    reply(const reply&) = delete;
    reply& operator=(const reply&) = delete;
    ~reply() {
      caf::anon_send(whom, news);
    }
    manager_actor whom;
    job_silenced news;
  };
  auto& st = self->state;
  if (!st.jobs.count(row.job_no)) // not taken up yet
    launch(self, row, false);
  job_silenced news{row.job_id, ++st.silencings, false};
  st.silencing[row.job_id] = {row, news.attempt};
  in::control wish;
  wish.by = "gateway";
  wish.reason = "the gateway has another job under this number now";
  wish.silent = true;
  auto answer = std::make_shared<reply>(handle(self), news);
  auto ended = [answer = std::move(answer)](const control_answer&) {
    answer->news.done = true;
  };
  tell_job(self, row.job_no, job_control{std::move(wish), std::move(ended)});
  self->delayed_send(self, fetch_wait, news);
}

} // namespace

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

void on_verified(manager_ptr self, const verified_source& x) {
  auto& st = self->state;
  st.checks.erase(x.job_id);
  auto known = st.verifying.extract(x.job_id);
  if (known.empty())
    return;
  auto& row = known.mapped();
  auto there = *x.outcome ? std::get_if<fetched>(&**x.outcome) : nullptr;
  auto another = there && there->source_object_key != row.source_object_key;
  auto live = st.jobs.count(row.job_no) > 0;
  if (another && (live || !is_final(row.status) || row.owes_report)) {
    silence(self, row);
    return;
  }
  settle(self, x.job_id, row, another);
}

void on_silenced(manager_ptr self, const job_silenced& x) {
  auto& st = self->state;
  auto i = st.silencing.find(x.job_id);
  if (i == st.silencing.end() || i->second.attempt != x.attempt)
    return;
  auto row = std::move(i->second.row);
  st.silencing.erase(i);
  if (x.done)
    settle(self, x.job_id, row, true);
  else
    refuse_waiting(self, x.job_id,
                   "the job that had this number before has not ended yet");
  auto wishes = st.wishes.extract(x.job_id);
  if (!wishes.empty())
    for (auto& w : wishes.mapped())
      on_control(self, w);
}

} // namespace dubber
