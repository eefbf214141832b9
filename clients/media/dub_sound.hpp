#pragma once

#include "clients/media/loudness.hpp"
#include "clients/media/speech_track.hpp"
#include "core/merge_plan.hpp"

namespace dubber {

/// Mixes the speech track and, where the plan keeps it, the original beneath,
/// brings it to the plan's loudness and codes it as AAC (in MP4) to `out`:
/// exactly `plan.seconds` long, on the source's clock. Returns the result's
/// loudness. A silent dub stays silent.
/// @param folder For the envelopes of what lies beneath.
/// @param background The file of the plan's, if it has one.
/// Faults: `invalid_input` (the original's sound is broken), `disk`, `timeout`.
result<loudness>
make_dub_sound(const merge_plan& plan, const ffmpeg_tools& tools,
               const std::filesystem::path& source, int source_sound,
               const speech_track& speech, const std::filesystem::path& folder,
               const std::filesystem::path& out, const task_clock& clock,
               const std::filesystem::path& background = {});

} // namespace dubber
