#pragma once

#include "core/work.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a media worker executes to dub one source. Everything is decided here:
/// a worker plays, mixes and muxes, and chooses nothing. All times are seconds
/// on the source's clock, all levels are decibels.
namespace dubber {

/// The newest one; a plan has the oldest one that can say it.
inline constexpr int merge_plan_format = 3;

/// One piece of speech at its place. It is played `tempo` times faster with
/// its pitch kept, and ends after `play_seconds` at the latest.
struct placement {
  std::uint32_t segment = 0; ///< index in `merge_input::pieces`
  artifact audio;
  double at = 0;
  double natural_seconds = 0;  ///< of the file, at tempo 1
  double tempo = 1;            ///< 1 to `fit_rules::hard_tempo`
  double play_seconds = 0;     ///< length on the source's clock
  double fade_out_seconds = 0; ///< 0 when nothing is cut off

  bool operator==(const placement&) const = default;
};

/// The original sound underneath. Its level is measured first; the gains are
/// relative to `loudness_lkfs`, so that a loud film does not drown the speech.
struct original_bed {
  double gain_db = -6;           ///< where nobody speaks
  double ducked_gain_db = -18;   ///< while the dub speaks
  double ramp_seconds = 0.3;     ///< before and after each of `ducks`
  std::vector<media_span> ducks; ///< in order, apart by more than two ramps

  bool operator==(const original_bed&) const = default;
};

struct merge_plan {
  int format = 1;
  std::string source_object_key;
  std::string source_language;       ///< BCP 47
  std::string target_language;       ///< BCP 47
  double seconds = 0;                ///< the dubbed track is exactly this long
  std::vector<placement> placements; ///< by `at`; none overlap
  std::optional<original_bed> original; ///< nothing: speech alone
  /// Format 2: segments without speech. In `kept` the original sounds by
  /// itself, as loud as the track; in `muted` nothing of it sounds. By start,
  /// each apart from its neighbours by two edges at least; none overlaps a
  /// placement.
  std::vector<media_span> kept = {};
  std::vector<media_span> muted = {};
  /// Before and after each of them the original's level moves evenly.
  double edge_seconds = 0.05;
  /// Format 3: a part of the source's sound, such as its music, that lies
  /// underneath instead of `original`: as loud beside the speech as it was in
  /// the source. It pauses where the original is `kept`.
  std::optional<artifact> background = {};
  double loudness_lkfs = -24; ///< ITU-R BS.1770, of the finished track
  double true_peak_db = -1;   ///< never above
  /// SubRip file of the result's subtitle track; nothing: no such track.
  std::optional<artifact> subtitles;

  bool operator==(const merge_plan&) const = default;
};

} // namespace dubber
