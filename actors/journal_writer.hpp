#pragma once

#include "actors/context.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>

namespace dubber {

/// The state of the JOURNAL WRITER.
struct journal_writer_state {
  context_ptr ctx;
  journal_disk_actor disk;
  std::shared_ptr<std::vector<append_request>> collecting;
  /// With the disk, or waiting to be tried again after a fault.
  std::shared_ptr<std::vector<append_request>> in_flight;
  std::vector<std::function<void()>> flushes; ///< wait for what is collected
  std::vector<std::function<void()>> flushes_in_flight;
  std::string trouble; ///< of the last batch; empty: it was written
  time_point trouble_since;
  static inline const char* name = "journal_writer";
};

/// Group commit without waiting: while the disk commits one batch, the next one
/// gathers. A fault of the disk is nobody's attempt: the batch is tried again
/// every second, and everybody waits.
journal_writer_actor::behavior_type journal_writer(
  journal_writer_actor::stateful_pointer<journal_writer_state> self,
  context_ptr ctx, journal_disk_actor disk);

/// The state of the JOURNAL DISK.
struct journal_disk_state {
  context_ptr ctx;
  static inline const char* name = "journal_disk";
};

/// Commits batches; blocks.
journal_disk_actor::behavior_type
journal_disk(journal_disk_actor::stateful_pointer<journal_disk_state> self,
             context_ptr ctx);

} // namespace dubber
