#pragma once

#include "actors/context.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dubber {

/// The state of a GATE actor.
struct gate_state {
  service_gate machine{gate_policy{}};
  context_ptr ctx;
  std::string service;
  struct waiter {
    permit_holder_actor holder;
    time_point since;
  };
  std::map<std::uint64_t, waiter> waiters; ///< by ticket id
  std::size_t places = 0; ///< for open calls, that it has taken
  std::optional<time_point> tick_at;
  std::optional<service_order> order;           ///< the last one a person gave
  breaker::state said = breaker::state::closed; ///< in the log
  static inline const char* name = "gate";
};

gate_policy gate_policy_of(const service_policy& policy);

/// Lets work through to one service.
gate_actor::behavior_type gate(gate_actor::stateful_pointer<gate_state> self,
                               context_ptr ctx, std::string service);

// -- orders.cpp: what people want of a breaker
// -----------------------------------

/// Does as a person wants. @param fresh Given now: it is logged.
void obey(gate_state& st, const service_order& order, time_point now,
          bool fresh);

/// The last orders, as the journal keeps them.
result<std::map<std::string, service_order>> read_orders(journal& store);

/// Has the order recorded, then obeyed.
void give_order(const context_ptr& ctx, order_command command,
                std::function<void(order_answer)> on_answer);

/// A place in a gate's queue or a permit; gives it back when it goes, also with
/// an actor that died.
class permit {
public:
  permit() = default;
  permit(gate_actor where, ticket who) : where_(std::move(where)), who_(who) {
    // nop
  }
  permit(permit&& other) noexcept;
  permit& operator=(permit&& other) noexcept;
  ~permit();

  /// The call has ended.
  void end(call_outcome how);

  std::uint64_t id() const {
    return where_ ? who_.id : 0;
  }

private:
  void withdraw();

  gate_actor where_;
  ticket who_;
};

} // namespace dubber
