#pragma once

#include "clients/media/probe.hpp"
#include "core/merge_plan.hpp"

namespace dubber {

/// Puts the source's picture, the dub and the subtitles into one MP4 whose
/// index comes first. The picture's packets are copied where MP4 can hold them;
/// else it is encoded anew as H.264. Returns how: `copied` or `h264`.
/// @param dub AAC in MP4.
/// @param subtitles SubRip with at least one cue; empty: no such track.
/// Faults: `invalid_input` (the picture is broken), `disk`, `timeout`,
/// `internal` (the result is not as long as the source).
result<std::string> mux_dub(const merge_plan& plan, const ffmpeg_tools& tools,
                            const std::filesystem::path& source,
                            const media_facts& facts,
                            const std::filesystem::path& dub,
                            const std::filesystem::path& subtitles,
                            const std::filesystem::path& out,
                            const task_clock& clock);

} // namespace dubber
