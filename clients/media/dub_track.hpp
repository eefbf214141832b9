#pragma once

#include "clients/local_store.hpp"
#include "clients/media/ffmpeg.hpp"
#include "core/work.hpp"

namespace dubber {

/// How fast speech may be played to fit (PEERS, What a dub should be).
inline constexpr double hard_stretch = 1.4;

/// What became of one piece, for the report.
struct placed_piece {
  double at = 0;      ///< seconds on the source's clock
  double stretch = 1; ///< played this much faster
  double cut = 0;     ///< seconds at its end that did not fit
};

/// Writes the dubbed track of `in` to `file`: one channel, as long as the
/// source, every piece at its segment's start, silent elsewhere.
result<std::vector<placed_piece>>
write_dub_track(const merge_input& in, const local_store& store,
                const ffmpeg_tools& tools, const std::filesystem::path& file,
                const std::filesystem::path& scratch, ms timeout,
                const cancel_flag& cancelled);

/// SubRip and WebVTT texts of the translations; hostile text is made harmless.
std::string srt_of(const merge_input& in);
std::string vtt_of(const merge_input& in);

} // namespace dubber
