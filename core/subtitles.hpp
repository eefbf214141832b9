#pragma once

#include "core/work.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Subtitles of the translations: SubRip (as ffmpeg's `srt` demuxer reads it)
/// and WebVTT (W3C). Texts are hostile: none of them can end a cue, start
/// another or carry markup.
namespace dubber {

inline constexpr std::size_t cue_columns = 42; ///< code points in a line
inline constexpr std::size_t cue_lines = 2;

/// One text on the screen. Seconds on the source's clock, whole milliseconds.
struct subtitle_cue {
  media_span span;
  std::vector<std::string> lines; ///< not escaped; 1 to `cue_lines`

  bool operator==(const subtitle_cue&) const = default;
};

/// Breaks `text` at spaces into lines of at most `columns` code points; a
/// longer word is broken inside.
std::vector<std::string> break_lines(std::string_view text,
                                     std::size_t columns = cue_columns);

/// Cues in order, none overlapping, within [0, seconds]. A segment without a
/// translation shows its source text where the original is heard, else nothing.
/// A long text becomes several cues that share its segment's time by length;
/// where that time is too short for it (less than 1 ms a cue), it stays one cue
/// of many lines.
std::vector<subtitle_cue> make_cues(const std::vector<merge_piece>& pieces,
                                    double seconds);

std::string to_srt(const std::vector<subtitle_cue>& cues);
std::string to_vtt(const std::vector<subtitle_cue>& cues);

} // namespace dubber
