#include "actors/job.hpp"
#include "actors/manager.hpp"

#include <caf/send.hpp>

#include <algorithm>

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
  tell_job(self, row.job_no,
           job_control{std::move(wish), std::move(ended), {}});
  self->delayed_send(self, fetch_wait, news);
}

/// A person waits for it: it goes before other work at the gateway's gate.
constexpr int check_priority = 1'000'000;

/// The check whose ticket that is.
auto check_with(manager_state& st, std::uint64_t ticket_id) {
  return std::find_if(st.verifying.begin(), st.verifying.end(), [&](auto& kvp) {
    return kvp.second.pass.id() == ticket_id;
  });
}

/// Nobody can say now whether the job is still the same.
void give_up_check(manager_ptr self, std::int64_t job_id) {
  auto check = self->state.verifying.extract(job_id);
  if (!check.empty())
    settle(self, job_id, check.mapped().known, false);
}

/// A check that is not answered in time says nothing of the gateway: its limit
/// is shorter than that of other calls.
call_end end_of(const result<work_result>& outcome) {
  if (outcome)
    return call_end::succeeded;
  auto code = outcome.error().code;
  return blames_service(code) && code != fault_code::timeout ? call_end::failed
                                                             : call_end::other;
}

} // namespace

void verify(manager_ptr self, const job_row& known) {
  auto& st = self->state;
  auto& check = st.verifying[known.job_id];
  check.known = known;
  if (st.ctx->holds.of("gateway")) { // it is down, and lets nobody through
    give_up_check(self, known.job_id);
    return;
  }
  check.until = now(self, *st.ctx) + fetch_wait;
  permit_request asked;
  asked.who = {known.job_no, st.ctx->next_ticket()};
  asked.wish.priority = check_priority;
  asked.holder = caf::actor_cast<permit_holder_actor>(self);
  auto& gate = st.ctx->gates.at("gateway");
  check.pass = permit{gate, asked.who};
  self->delayed_send(
    self, fetch_wait,
    verified_source{known.job_id, asked.who.id, true, nullptr});
  self->send(gate, std::move(asked));
}

void on_permit(manager_ptr self, const permit_granted& x) {
  auto& st = self->state;
  auto i = check_with(st, x.id);
  if (i == st.verifying.end())
    return;
  auto& [job_id, check] = *i;
  auto order = std::make_shared<work_order>();
  order->kind = work_kind::fetch;
  order->service = "gateway";
  order->job_id = job_id;
  attempt_info info;
  info.timeout = std::max(ms{1}, check.until - now(self, *st.ctx));
  info.url = x.url;
  check.open = true;
  check.call
    = st.ctx->workers.at(work_kind::fetch)
        ->start(order, info,
                [me = handle(self), id = job_id,
                 ticket = x.id](result<work_result> r) {
                  auto p = std::make_shared<result<work_result>>(std::move(r));
                  caf::anon_send(me, verified_source{id, ticket, false, p});
                });
}

void on_no_permit(manager_ptr self, std::uint64_t ticket_id) {
  auto& st = self->state;
  if (auto i = check_with(st, ticket_id); i != st.verifying.end())
    give_up_check(self, i->first);
}

void on_verified(manager_ptr self, const verified_source& x) {
  auto& st = self->state;
  auto i = st.verifying.find(x.job_id);
  if (i == st.verifying.end() || i->second.pass.id() != x.ticket)
    return;
  if (x.at_limit) {
    // An open call has the same limit, and says itself how it ended.
    if (!i->second.open)
      give_up_check(self, x.job_id);
    return;
  }
  auto check = std::move(i->second);
  st.verifying.erase(i);
  check.call.release();
  check.pass.end(end_of(*x.outcome));
  auto& row = check.known;
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
