#pragma once

#include "actors/context.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace dubber {

/// The state of the JOURNAL READER.
struct reader_state {
  context_ptr ctx;
  static inline const char* name = "reader";
};

/// Answers what is asked of the journal; blocks.
reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self, context_ptr ctx);

/// How many unfinished jobs are taken up at a time.
inline constexpr std::size_t recovery_page = 500;

} // namespace dubber
