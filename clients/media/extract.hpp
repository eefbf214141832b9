#pragma once

#include "clients/media/probe.hpp"

namespace dubber {

/// Writes the source's first sound to `wav`: 16 kHz, mono, 16 bit, on the
/// source's clock (silence where the sound begins late, has gaps or ends
/// early), exactly as long as the source. Returns that length in seconds.
/// Faults: those of `probe_source`, `invalid_input` (the sound is broken),
/// `disk`, `timeout`.
result<double> extract_sound(const ffmpeg_tools& tools,
                             const std::filesystem::path& source,
                             const std::filesystem::path& wav,
                             const task_clock& clock);

} // namespace dubber
