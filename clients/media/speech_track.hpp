#pragma once

#include "clients/media/ffmpeg.hpp"
#include "core/merge_plan.hpp"

namespace dubber {

/// Raw samples, 16 bit, mono.
struct speech_track {
  std::filesystem::path file;
  int rate = 48'000; ///< samples a second
};

/// Writes the plan's placements to `file`, as long as the plan says, silent
/// where nothing is placed. Its rate is the first piece's, so that pieces of
/// one voice are played as they are. Holds one block of samples at a time, and
/// the files of a few placements.
/// @param folder For the pieces, a few at a time.
/// Faults: `not_found` (a piece is not in the store, or damaged),
/// `invalid_input` (a piece is no sound), `disk`, `timeout`.
result<speech_track> write_speech_track(const merge_plan& plan,
                                        object_store& store,
                                        const ffmpeg_tools& tools,
                                        const std::filesystem::path& folder,
                                        const std::filesystem::path& file,
                                        const task_clock& clock);

} // namespace dubber
