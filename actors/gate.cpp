#include "actors/gate.hpp"

#include "metrics/log.hpp"

#include <caf/send.hpp>

#include <utility>

namespace dubber {

namespace {

using gate_ptr = gate_actor::stateful_pointer<gate_state>;

void say_breaker(gate_ptr self, time_point t) {
  auto& st = self->state;
  auto is = st.machine.breaker_state(t);
  if (std::exchange(st.seen, is) == is)
    return;
  std::vector<log::field> fields{
    {"service", st.service}, {"waiting", std::to_string(st.machine.waiting())}};
  if (auto until = st.machine.held_until(t))
    fields.emplace_back("held_ms", std::to_string((*until - t).count()));
  if (is == breaker::state::open)
    log::write(log::level::warn, "breaker.opened", fields);
  else
    log::write(log::level::info,
               is == breaker::state::closed ? "breaker.closed"
                                            : "breaker.half_open",
               fields);
}

void let_through(gate_ptr self) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  for (auto& who : st.machine.grant(t)) {
    auto i = st.waiters.find(who.id);
    st.ctx->metrics->permit_waited(st.service, t - i->second.since);
    self->send(i->second.holder, atom::granted_v, who.id);
    st.waiters.erase(i);
  }
  say_breaker(self, t);
  st.ctx->metrics->gate_changed(st.service,
                                to_string(st.machine.breaker_state(t)),
                                st.machine.waiting(), st.machine.running());
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
  view.breaker = to_string(st.machine.breaker_state(t));
  view.held_until = st.machine.held_until(t);
  view.waiting = st.machine.waiting();
  view.running = st.machine.running();
  view.max_concurrent = st.machine.max_concurrent();
  view.urls = st.ctx->policy_of(st.service).urls;
  return view;
}

} // namespace

gate_actor::behavior_type gate(gate_ptr self, context_ptr ctx,
                               std::string service) {
  auto& policy = ctx->policy_of(service);
  self->state.machine = service_gate{policy.max_concurrent, policy.breaker};
  self->state.ctx = std::move(ctx);
  self->state.service = std::move(service);
  return {
    [self](permit_request& x) {
      auto& st = self->state;
      if (!st.machine.ask(x.who, x.priority)) {
        self->send(x.holder, atom::queue_full_v, x.who.id);
        return;
      }
      st.waiters[x.who.id] = {std::move(x.holder), now(self, *st.ctx)};
      let_through(self);
    },
    [self](atom::withdraw, const ticket& who) {
      auto& st = self->state;
      st.machine.withdraw(who, now(self, *st.ctx));
      st.waiters.erase(who.id);
      let_through(self);
    },
    [self](const permit_end& x) {
      auto& st = self->state;
      st.machine.ended(x.who, x.blamed, now(self, *st.ctx));
      let_through(self);
    },
    [self](const gate_look& x) { x.on_answer(show(self)); },
    [self](atom::tick) {
      self->state.tick_at.reset();
      let_through(self);
    },
  };
}

permit::permit(permit&& other) noexcept
  : where_(std::exchange(other.where_, gate_actor{})), who_(other.who_) {
  // nop
}

permit& permit::operator=(permit&& other) noexcept {
  if (this != &other) {
    withdraw();
    where_ = std::exchange(other.where_, gate_actor{});
    who_ = other.who_;
  }
  return *this;
}

permit::~permit() {
  withdraw();
}

void permit::withdraw() {
  if (auto where = std::exchange(where_, gate_actor{}))
    caf::anon_send(where, atom::withdraw_v, who_);
}

void permit::end(bool blamed) {
  if (auto where = std::exchange(where_, gate_actor{}))
    caf::anon_send(where, permit_end{who_, blamed});
}

} // namespace dubber
