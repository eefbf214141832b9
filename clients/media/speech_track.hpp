#pragma once

#include "clients/media/ffmpeg.hpp"
#include "core/merge_plan.hpp"

namespace dubber {

inline constexpr int track_rate = 48'000; ///< of the dub, samples a second

/// Writes the plan's placements to `file`: raw samples (16 bit, mono,
/// `track_rate`), as long as the plan says, silent where nothing is placed.
/// Holds one block of samples at a time, and the files of a few placements.
/// @param folder For the pieces, a few at a time.
/// Faults: `not_found` (a piece is not in the store, or damaged),
/// `invalid_input` (a piece is no sound), `disk`, `timeout`.
result<done> write_speech_track(const merge_plan& plan, object_store& store,
                                const ffmpeg_tools& tools,
                                const std::filesystem::path& folder,
                                const std::filesystem::path& file,
                                const task_clock& clock);

} // namespace dubber
