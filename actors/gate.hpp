#pragma once

#include "actors/context.hpp"
#include "actors/place.hpp"
#include "core/endpoints.hpp"
#include "core/learned_speed.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>

namespace dubber {

/// The state of a GATE actor.
struct gate_state {
  service_gate machine{gate_policy{}};
  context_ptr ctx;
  std::string service;
  service_policy policy;
  endpoints where;
  learned_speed speed;
  std::size_t told_calls = 0;              ///< of `speed`, since it was kept
  std::optional<time_point> failing_since; ///< no later call succeeded
  int failed_in_a_row = 0;
  struct waiter {
    permit_request request;
    time_point since;
  };
  std::map<std::uint64_t, waiter> waiters; ///< by ticket id
  struct open_call {
    std::size_t endpoint;
    double media_seconds;
    time_point since;
    ms deadline;
  };
  std::unordered_map<std::uint64_t, open_call> open; ///< by ticket id
  std::size_t places = 0; ///< for open calls, that it has taken
  std::optional<time_point> tick_at;
  std::optional<service_order> order;           ///< the last one a person gave
  breaker::state said = breaker::state::closed; ///< in the log
  bool told_hold = false; ///< to those who show what work waits for
  /// Of the time left: the room, and whether work is held.
  std::pair<int, bool> told_room;
  static inline const char* name = "gate";
};

using gate_ptr = gate_actor::stateful_pointer<gate_state>;

gate_policy gate_policy_of(const service_policy& policy);

/// Under which name the speed of a service is kept: another model behind it
/// (`identity`) has to be learned anew.
std::string speed_key(const std::string& service, const service_policy& policy);

/// Lets work through to one service.
gate_actor::behavior_type gate(gate_ptr self, context_ptr ctx,
                               std::string service);

// -- gate_calls.cpp
// ----------------------------------------------------------------

/// A call may leave: where to, and how long it may take.
permit_granted give(gate_state& st, const permit_request& asked,
                    const gate_grant& x, time_point now);

/// A call has ended: what it says of its URL, of the service and of its speed.
void call_ended(gate_ptr self, const permit_end& x);

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

/// A place in a gate's queue, or a permit.
class permit : public place<gate_actor, ticket, atom::withdraw_v> {
public:
  using place::place;

  /// The call has ended. @param holder Who is told then whether the service is
  /// down; nobody by default.
  void end(call_end how, permit_holder_actor holder = {});

  std::uint64_t id() const {
    return is_held() ? who().id : 0;
  }
};

} // namespace dubber
