#pragma once

#include "actors/context.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dubber {

/// The state of the JANITOR.
struct janitor_state {
  context_ptr ctx;
  call_handle sweep;
  static inline const char* name = "janitor";
};

/// Removes what nobody needs any more: artifacts of jobs that ended longer ago
/// than ARTIFACT_RETENTION, then histories older than HISTORY_RETENTION. Blocks
/// in the journal, on a thread of its own.
janitor_actor::behavior_type
janitor(janitor_actor::stateful_pointer<janitor_state> self, context_ptr ctx);

} // namespace dubber
