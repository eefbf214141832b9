#pragma once

#include "clients/media/ffmpeg.hpp"

namespace dubber {

/// Of a whole sound, by EBU R 128 (ITU-R BS.1770).
struct loudness {
  double lkfs = silence_lkfs; ///< integrated
  double true_peak_db = -100; ///< of full scale; 4 times oversampled

  /// What no gain can bring to a level: silence, or under 0.4 s of sound.
  static constexpr double silence_lkfs = -70;
  bool is_silent() const {
    return !(lkfs > silence_lkfs + 1);
  }
};

/// Measures what a filter graph yields.
/// @param inputs Of ffmpeg, with their options.
/// @param graph Ends with a link `[out]`.
result<loudness> measure_graph(const ffmpeg_tools& tools,
                               const arguments& inputs,
                               const std::string& graph,
                               const task_clock& clock);

} // namespace dubber
