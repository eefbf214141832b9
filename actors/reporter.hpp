#pragma once

#include "actors/context.hpp"
#include "actors/gate.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <map>

namespace dubber {

/// Progress of so many jobs is at the gateway's gate, or on its way, at once;
/// that of others waits here: best effort, it takes up nobody's queue.
inline constexpr std::size_t progress_window = 32;

/// One job's reporting, while there is anything to report.
struct report_desk {
  using message = std::variant<report_machine::patch, report_machine::get>;

  std::int64_t job_id = 0;
  report_machine machine;
  job_actor job;          ///< set with the debt
  std::uint64_t debt = 0; ///< which one
  permit pass;
  call_handle call;
  /// What is sent as soon as the permit comes.
  boxed<message> next;
  std::uint64_t timer = 0; ///< the one that counts
  bool in_line = false;    ///< waits here for its turn
  bool in_window = false;  ///< one of `progress_window`
};

/// The state of the REPORTER.
struct reporter_state {
  context_ptr ctx;
  std::map<std::uint64_t, report_desk> desks;    ///< by job number
  std::map<std::uint64_t, std::uint64_t> asking; ///< ticket id -> job number
  /// Job numbers, in the order of their turns; those that left are passed over.
  std::deque<std::uint64_t> line;
  std::size_t in_window = 0;
  std::uint64_t timers = 0; ///< so far: an old desk's says nothing to a new one
  static inline const char* name = "reporter";
};

/// Tells the gateway: progress coalesced and best effort (after all other work
/// at the gateway's gate), the final state until it was seen there (before it).
reporter_actor::behavior_type
reporter(reporter_actor::stateful_pointer<reporter_state> self,
         context_ptr ctx);

} // namespace dubber
