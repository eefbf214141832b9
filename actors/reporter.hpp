#pragma once

#include "actors/context.hpp"
#include "actors/gate.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dubber {

/// One job's reporting.
struct report_desk {
  std::int64_t job_id = 0;
  report_machine machine;
  job_actor job; ///< set with the debt
  permit pass;
  call_handle call;
  /// What is sent as soon as the permit comes.
  std::optional<std::variant<report_machine::patch, report_machine::get>> next;
  std::uint64_t timer = 0; ///< the one that counts
};

/// The state of the REPORTER.
struct reporter_state {
  context_ptr ctx;
  std::map<std::uint64_t, report_desk> desks;    ///< by job number
  std::map<std::uint64_t, std::uint64_t> asking; ///< ticket id -> job number
  std::uint64_t timers = 0; ///< so far: an old desk's says nothing to a new one
  static inline const char* name = "reporter";
};

/// Tells the gateway: progress coalesced and best effort (after all other work
/// at the gateway's gate), the final state until it was seen there (before it).
reporter_actor::behavior_type
reporter(reporter_actor::stateful_pointer<reporter_state> self,
         context_ptr ctx);

} // namespace dubber
