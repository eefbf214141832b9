#pragma once

#include "core/result.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Where long sound is cut for transcription: at silences, so that no word is
/// cut in two, and into parts that are transcribed side by side.
namespace dubber {

struct chunk_rules {
  double frame_seconds = 0.02;            ///< of one envelope value
  double max_whole = 600;                 ///< s; up to here nothing is cut
  double target = 300;                    ///< s of a chunk
  double min_chunk = 180;                 ///< s
  double max_chunk = 420;                 ///< s; at least twice `min_chunk`
  double cut_apart = 10;                  ///< s between two of `find_cuts`
  double min_silence = 0.2;               ///< s; shorter ones are breath
  double max_seconds = max_media_seconds; ///< longer sound is refused
};

/// Level of digital silence and of what is no number, dB of full scale.
inline constexpr float quietest_db = -100;

/// RMS level of each frame of one channel, fed with blocks of any size. Keeps
/// four bytes a frame: 12 h at 20 ms are 8.6 MB.
class energy_envelope {
public:
  /// @param sample_rate In hertz, greater than 0.
  energy_envelope(int sample_rate, double frame_seconds);

  void add(std::span<const std::int16_t> samples);

  /// Ends the last, shorter frame. Nothing is added afterwards.
  void finish();

  /// dB of full scale, one value a frame.
  std::span<const float> frames() const {
    return frames_;
  }

private:
  void end_frame();

  std::size_t frame_samples_;
  std::size_t in_frame_ = 0;
  double squares_ = 0;
  std::vector<float> frames_;
};

/// Gapless chunks of [0, seconds], in order. Each cut lies in the middle of
/// the longest silence near the target, or in the quietest frame where there
/// is none. Faults: `limit_exceeded`, `invalid_input` (no sound at all).
result<std::vector<media_span>> cut_chunks(std::span<const float> envelope,
                                           double seconds,
                                           const chunk_rules& rules = {});

/// Silences where a chunk may be cut further: the best of every ten seconds
/// that have one, in order, `cut_apart` from each other and half of that from
/// the ends; whole milliseconds.
std::vector<double> find_cuts(std::span<const float> envelope, double seconds,
                              const chunk_rules& rules = {});

} // namespace dubber
