#include "actors/gate.hpp"

#include <caf/send.hpp>

namespace dubber {

namespace {

/// Since when there are failures only. What left before the first of them and
/// came back well says nothing of the time since.
void note_failures(gate_state& st, const gate_state::open_call& was,
                   bool blamed, time_point t) {
  if (blamed && ++st.failed_in_a_row == 1)
    st.failing_since = t;
  if (!blamed && (!st.failing_since || was.since >= *st.failing_since)) {
    st.failed_in_a_row = 0;
    st.failing_since.reset();
  }
}

/// What was learned outlives this process.
void keep_speed(gate_state& st) {
  if (++st.told_calls < 10 && st.speed.calls() > fewest_paces)
    return;
  st.told_calls = 0;
  st.ctx->speeds.keep(speed_key(st.service, st.policy), st.speed.remembered());
  if (auto usual = st.speed.expected(0, 0.95))
    st.ctx->metrics->speed_learned(st.service, *usual);
}

} // namespace

std::string speed_key(const std::string& service,
                      const service_policy& policy) {
  auto identity = identity_of(policy);
  return identity.empty() ? service : service + " " + identity;
}

permit_granted give(gate_state& st, const permit_request& asked,
                    const gate_grant& x, time_point t) {
  permit_granted out;
  out.id = x.who.id;
  out.job_no = x.who.job_no;
  out.held = x.held;
  out.deadline = st.speed.deadline(asked.media_seconds, asked.attempt,
                                   st.policy.attempt_timeout);
  out.maybe_too_long
    = asked.may_be_halved && asked.media_seconds > st.speed.longest();
  auto endpoint = st.where.granted(t, asked.wish.retry);
  if (endpoint < st.policy.urls.size())
    out.url = st.policy.urls[endpoint];
  st.open[x.who.id] = {endpoint, asked.media_seconds, t, out.deadline};
  return out;
}

void call_ended(gate_ptr self, const permit_end& x) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  auto call = st.open.extract(x.who.id);
  if (call.empty())
    return;
  auto& was = call.mapped();
  auto took = t - was.since;
  auto blamed = x.how == call_end::failed || x.how == call_end::timed_out;
  auto counts = st.where.ended(was.endpoint, blamed, t) || !blamed;
  note_failures(st, was, blamed, t);
  if (x.how == call_end::succeeded)
    st.speed.succeeded(was.media_seconds, took);
  else if (x.how == call_end::timed_out)
    st.speed.timed_out(was.media_seconds, was.deadline);
  keep_speed(st);
  if (st.policy.urls.size() > 1 && was.endpoint < st.policy.urls.size())
    st.ctx->metrics->endpoint_changed(
      st.service, st.policy.urls[was.endpoint],
      t < st.where.all()[was.endpoint].out_until);
  auto slow = static_cast<double>(took.count())
              > st.policy.breaker.slow_after
                  * static_cast<double>(was.deadline.count());
  if (counts)
    st.machine.ended(x.who, {blamed, slow}, t, st.ctx->chance());
  else
    st.machine.withdraw(x.who, t); // another URL will do
  if (x.holder) {
    auto down = st.machine.circuit().current(t) != breaker::state::closed;
    self->send(
      x.holder,
      permit_judged{x.who.id, down,
                    st.failed_in_a_row >= 2 ? st.failing_since : std::nullopt});
  }
}

} // namespace dubber
