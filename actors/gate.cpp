#include "actors/gate.hpp"

#include "actors/dying.hpp"
#include "metrics/log.hpp"

#include <caf/send.hpp>

#include <utility>

namespace dubber {

namespace {

void say_breaker(gate_ptr self, time_point t) {
  auto& st = self->state;
  auto& circuit = st.machine.circuit();
  auto is = circuit.current(t);
  if (std::exchange(st.said, is) == is)
    return;
  std::vector<log::field> fields{
    {"service", st.service}, {"waiting", std::to_string(st.machine.waiting())}};
  if (auto until = circuit.open_until(t))
    fields.emplace_back("held_ms", std::to_string((*until - t).count()));
  switch (is) {
  case breaker::state::open:
    log::write(log::level::warn, "breaker.opened", fields);
    break;
  case breaker::state::forced_open:
    log::write(log::level::warn, "breaker.forced_open", fields);
    break;
  case breaker::state::half_open:
    log::write(log::level::info, "breaker.half_open", fields);
    break;
  case breaker::state::closed:
    log::write(log::level::info, "breaker.closed", fields);
  }
}

fault too_long(const gate_state& st, const gate_expiry& x) {
  auto& policy = st.machine.policy();
  auto minutes = [](ms length) {
    return std::to_string(length.count() / 60'000) + " min";
  };
  if (x.held)
    return {fault_code::unreachable,
            st.service + " has been down for longer than max_hold ("
              + minutes(policy.max_hold) + ")",
            0,
            {}};
  // Not `timeout`: the work itself is not too long.
  return {fault_code::busy,
          "waited for " + st.service + " for longer than queue_timeout ("
            + minutes(policy.queue_timeout) + ")",
          0,
          {}};
}

/// Only what is new: this is asked for at each permit.
void tell_others(gate_state& st, bool held, time_point t) {
  if (held)
    st.ctx->holds.set(st.service,
                      service_hold{st.machine.circuit().open_until(t)});
  else if (st.told_hold)
    st.ctx->holds.set(st.service, std::nullopt);
  st.told_hold = held;
  std::pair room{st.machine.policy().max_concurrent, held};
  if (std::exchange(st.told_room, room) != room)
    st.ctx->forecasts.set_service(st.service, speed_key(st.service, st.policy),
                                  room.first, held);
}

void say(gate_ptr self, time_point t) {
  auto& st = self->state;
  say_breaker(self, t);
  auto is = st.machine.circuit().current(t);
  auto& seen = st.machine.circuit().seen();
  st.ctx->metrics->gate_changed(
    st.service,
    {to_string(is), st.machine.waiting(), st.machine.running(),
     st.machine.policy().max_concurrent, st.machine.retries_running(),
     st.machine.retries_allowed(), seen.calls, seen.failed, seen.slow});
  st.ctx->metrics->open_calls(st.ctx->calls.open(), st.ctx->calls.limit());
  tell_others(st, is != breaker::state::closed, t);
}

/// Has everybody look whose turn it is to take a place for an open call.
void wake_others(gate_ptr self) {
  auto& ctx = *self->state.ctx;
  while (auto service = ctx.calls.wake())
    self->send(ctx.gates.at(*service), atom::room_v);
}

void let_through(gate_ptr self) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  for (; st.places > st.machine.running(); --st.places)
    st.ctx->calls.give_back(st.service);
  for (auto& x : st.machine.expire(t)) {
    auto i = st.waiters.find(x.who.id);
    self->send(i->second.request.holder,
               permit_expired{x.who.id, too_long(st, x)});
    st.waiters.erase(i);
  }
  while (st.machine.can_grant(t) && st.ctx->calls.take(st.service)) {
    ++st.places;
    for (auto& x : st.machine.grant(t, 1)) {
      auto i = st.waiters.find(x.who.id);
      st.ctx->metrics->permit_waited(st.service, t - i->second.since);
      self->send(i->second.request.holder, give(st, i->second.request, x, t));
      st.waiters.erase(i);
    }
  }
  if (!st.machine.can_grant(t))
    st.ctx->calls.wants_none(st.service);
  wake_others(self);
  say(self, t);
  auto wake = st.machine.wake_at(t);
  if (wake && (!st.tick_at || *wake < *st.tick_at)) {
    st.tick_at = wake;
    self->delayed_send(self, *wake - t + ms{1}, atom::tick_v);
  }
}

service_view show(gate_ptr self) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  service_view view;
  view.name = st.service;
  auto& circuit = st.machine.circuit();
  view.breaker = to_string(circuit.current(t));
  view.held_until = circuit.open_until(t);
  view.calls = circuit.seen().calls;
  view.failed = circuit.seen().failed;
  view.slow = circuit.seen().slow;
  view.failed_in_a_row = circuit.seen().in_a_row;
  view.retries_running = st.machine.retries_running();
  view.retries_allowed = st.machine.retries_allowed();
  view.waiting = st.machine.waiting();
  view.waiting_jobs = st.machine.waiting_jobs();
  if (!st.waiters.empty())
    view.waiting_since = st.waiters.begin()->second.since;
  view.running = st.machine.running();
  view.max_concurrent = st.machine.policy().max_concurrent;
  for (std::size_t i = 0; i < st.policy.urls.size(); ++i) {
    auto& one = st.where.all()[i];
    endpoint_view endpoint{st.policy.urls[i], one.open, std::nullopt};
    if (t < one.out_until)
      endpoint.left_out_until = one.out_until;
    view.endpoints.push_back(std::move(endpoint));
  }
  view.learned_calls = st.speed.calls();
  view.longest_media_seconds = st.speed.longest();
  view.expected_p50 = st.speed.expected(0, 0.5);
  view.expected_p95 = st.speed.expected(0, 0.95);
  view.policy = st.policy;
  view.order = st.order;
  return view;
}

void begin(gate_state& st, context_ptr ctx, std::string service) {
  st.policy = ctx->policy_of(service);
  st.machine = service_gate{gate_policy_of(st.policy)};
  st.where = endpoints{st.policy.urls.size()};
  st.speed.restore(ctx->speeds.of(speed_key(service, st.policy)));
  st.ctx = std::move(ctx);
  st.service = std::move(service);
  st.told_room = {st.policy.max_concurrent, false};
  st.ctx->forecasts.set_service(st.service, speed_key(st.service, st.policy),
                                st.policy.max_concurrent, false);
}

} // namespace

gate_policy gate_policy_of(const service_policy& x) {
  gate_policy out;
  out.max_concurrent = x.max_concurrent;
  out.breaker = x.breaker;
  out.budget = x.budget;
  out.queue_timeout = x.queue_timeout;
  out.max_hold = x.max_hold;
  return out;
}

gate_actor::behavior_type gate(gate_ptr self, context_ptr ctx,
                               std::string service) {
  begin(self->state, std::move(ctx), std::move(service));
  leave_word(self);
  auto& kept = self->state.ctx->orders;
  if (auto i = kept.find(self->state.service); i != kept.end())
    obey(self->state, i->second, now(self, *self->state.ctx), false);
  return {
    [self](permit_request& x) {
      auto& st = self->state;
      if (!st.machine.ask(x.who, x.wish, now(self, *st.ctx))) {
        self->send(x.holder, atom::queue_full_v, x.who.id);
        return;
      }
      auto id = x.who.id;
      st.waiters[id] = {std::move(x), now(self, *st.ctx)};
      let_through(self);
    },
    [self](atom::withdraw, const ticket& who) {
      auto& st = self->state;
      st.machine.withdraw(who, now(self, *st.ctx));
      st.waiters.erase(who.id);
      if (auto call = st.open.extract(who.id))
        st.where.released(call.mapped().endpoint);
      let_through(self);
    },
    [self](const permit_end& x) {
      call_ended(self, x);
      let_through(self);
    },
    [self](const gate_look& x) { x.on_answer(show(self)); },
    [self](const gate_order& x) {
      obey(self->state, x.order, now(self, *self->state.ctx), true);
      let_through(self);
      x.on_answer(show(self));
    },
    [self](const gate_change& x) {
      auto& st = self->state;
      if (x.policy.urls.size() != st.policy.urls.size())
        st.where.resize(x.policy.urls.size());
      st.policy = x.policy;
      st.machine.configure(gate_policy_of(st.policy), now(self, *st.ctx));
      let_through(self);
    },
    [self](atom::room) { let_through(self); },
    [self](atom::tick) {
      self->state.tick_at.reset();
      let_through(self);
    },
  };
}

void permit::end(call_end how, permit_holder_actor holder) {
  if (auto where = leave())
    caf::anon_send(where, permit_end{who(), how, std::move(holder)});
}

} // namespace dubber
