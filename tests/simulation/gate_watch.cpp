#include "tests/simulation/gate_watch.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/scheduled_actor.hpp>

namespace dubber::sim {

namespace {

using gate_impl = std::remove_pointer_t<gate_ptr>;

caf::abstract_actor* actor_of(const caf::resumable* who) {
  return dynamic_cast<caf::abstract_actor*>(const_cast<caf::resumable*>(who));
}

gate_seen look(const gate_state& st, time_point t) {
  gate_seen out;
  auto& circuit = st.machine.circuit();
  out.breaker = to_string(circuit.current(t));
  out.until = circuit.open_until(t);
  for (auto& [ticket, call] : st.open) {
    out.open[ticket] = call.endpoint;
    out.deadlines[ticket] = call.deadline;
  }
  for (auto& [ticket, waiter] : st.waiters)
    out.waiting.insert(ticket);
  return out;
}

} // namespace

void gate_watch::begin(const context& ctx) {
  ctx_ = &ctx;
  for (auto& [service, hdl] : ctx.gates) {
    auto self = dynamic_cast<const gate_impl*>(
      caf::actor_cast<caf::abstract_actor*>(hdl));
    index_[self] = gates_.size();
    gates_.push_back(
      {service, &self->state, gate_model{ctx.policy_of(service)}});
    auto order = ctx.orders.find(service);
    if (order != ctx.orders.end() && order->second.what == order_verb::open)
      gates_.back().model.order_open(time_.now());
  }
}

bool gate_watch::before(const caf::resumable* who) {
  auto i = index_.find(who);
  if (i == index_.end())
    return false;
  if (auto next = actor_of(who)->peek_at_next_mailbox_element())
    hear(gates_[i->second], next->content());
  return true;
}

void gate_watch::hear(watched& gate, const caf::type_erased_tuple& message) {
  auto t = time_.now();
  if (message.match_elements<permit_request>()) {
    auto& x = message.get_as<permit_request>(0);
    gate.model.asked(
      x.who.id, {x.who.job_no, x.wish.priority, x.wish.cost, x.wish.retry}, t);
  } else if (message.match_elements<atom::withdraw, ticket>()) {
    gate.model.withdrawn(message.get_as<ticket>(1).id, t);
  } else if (message.match_elements<permit_end>()) {
    hear(gate, message.get_as<permit_end>(0));
  } else if (message.match_elements<gate_order>()) {
    hear(gate, message.get_as<gate_order>(0));
  } else if (message.match_elements<gate_change>()) {
    gate.model.configure(message.get_as<gate_change>(0).policy, t);
  }
}

void gate_watch::hear(watched& gate, const permit_end& x) {
  auto failed = x.how == call_end::failed || x.how == call_end::timed_out;
  if (gate.model.ended(x.who.id, failed, time_.now()) && failed && x.holder)
    gate.to_be_told = dynamic_cast<const stage_impl*>(
      caf::actor_cast<caf::abstract_actor*>(x.holder));
}

void gate_watch::hear(watched& gate, const gate_order& x) {
  auto t = time_.now();
  if (x.order.what == order_verb::open)
    gate.model.order_open(t);
  else if (x.order.what == order_verb::close)
    gate.model.order_closed(t);
  else
    gate.model.order_auto(t);
}

void gate_watch::after(const caf::resumable* who) {
  auto& gate = gates_[index_.at(who)];
  auto t = time_.now();
  // Beyond so many no gate has to wait for another.
  auto places = ctx_->calls.limit() >= default_open_calls;
  auto wrong = gate.model.check(look(*gate.real, t), t, places);
  judge_.demand(wrong.empty(), "the gate of " + gate.service + ": " + wrong);
  check_places();
  if (auto told = std::exchange(gate.to_be_told, nullptr))
    judge_.on_judged(*told->state.task.order, told->id(),
                     gate.model.breaker_at(t) != breaker_model::is::closed,
                     gate.model.failing_since());
}

/// MAX_OPEN_CALLS, over all services together.
void gate_watch::check_places() {
  std::size_t open = 0;
  for (auto& gate : gates_)
    open += gate.model.open();
  judge_.demand(open <= ctx_->calls.limit(),
                "more calls are open than MAX_OPEN_CALLS");
}

void gate_watch::at_rest() {
  std::size_t open = 0;
  std::size_t idle = 0;
  for (auto& gate : gates_) {
    open += gate.model.open();
    idle += gate.model.open() == 0 ? 1 : 0;
  }
  // A timer that is due in the next millisecond has its time.
  auto t = time_.now() - ms{2};
  for (auto& gate : gates_) {
    // A place is kept for each service without a call.
    auto kept = gate.model.open() == 0 ? 0 : idle;
    if (open + kept >= ctx_->calls.limit())
      continue;
    judge_.demand(!gate.model.holds_without_reason(t),
                  "the gate of " + gate.service
                    + " holds somebody for ever who may go");
  }
}

} // namespace dubber::sim
