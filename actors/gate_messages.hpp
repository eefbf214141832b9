#pragma once

#include "actors/coordinator.hpp"
#include "core/policy.hpp"
#include "core/service_gate.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// What gates and those who want permits tell each other (actors.hpp).
namespace dubber {

/// A permit is given, for one call.
struct permit_granted {
  std::uint64_t id = 0; ///< the ticket's
  ms held{0};           ///< of the wait, because the breaker was not closed
  ms deadline{0};       ///< of the call
  std::string url;      ///< where it goes; empty: it goes by no URL
  std::uint64_t job_no = 0;
  /// Longer than whatever this service has managed so far.
  bool maybe_too_long = false;
};

/// What the gate says to a call that failed by the service's fault.
struct permit_judged {
  std::uint64_t id = 0;
  bool service_down = false; ///< the breaker is not closed
  /// Since when the service has done nothing but fail, whoever called it; only
  /// if it did so more than once.
  std::optional<time_point> failing_since = {};
};

/// How a call ended, for the gate.
enum class call_end {
  succeeded,
  failed,    ///< the service is to blame (`blames_service`)
  timed_out, ///< the same, at the deadline
  other,     ///< it is there, and refused; what says nothing is withdrawn
};

/// A person's order to a breaker; it is on record.
struct gate_order {
  service_order order;
  std::function<void(service_view)> on_answer;
};

/// The policy file was read again.
struct gate_change {
  service_policy policy;
};

/// A ticket has waited too long; it is worth nothing any more.
struct permit_expired {
  std::uint64_t id = 0;
  fault why;
};

struct gate_look {
  std::function<void(service_view)> on_answer;
};

} // namespace dubber

#define DUBBER_LOCAL(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dubber::name)
DUBBER_LOCAL(permit_granted)
DUBBER_LOCAL(permit_judged)
DUBBER_LOCAL(gate_look)
DUBBER_LOCAL(gate_order)
DUBBER_LOCAL(gate_change)
DUBBER_LOCAL(permit_expired)
#undef DUBBER_LOCAL
