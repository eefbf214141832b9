#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dubber {

/// Where the sound lies in a RIFF WAVE file.
struct wav_info {
  int channels = 0;
  int bits = 16;          ///< of one sample
  bool integers = true;   ///< signed whole numbers, as PCM of 16 bit is
  int rate = 0;           ///< samples a second
  std::uint64_t data = 0; ///< offset of the first sample
  std::uint64_t bytes
    = 0; ///< of sound; what is there, whatever the header says

  double seconds() const {
    return static_cast<double>(bytes) / (frame_bytes() * rate);
  }
  bool is_pcm16() const {
    return integers && bits == 16;
  }
  /// Of one sample of every channel.
  unsigned frame_bytes() const {
    return static_cast<unsigned>(bits / 8 * channels);
  }
};

/// Fault `bad_answer` for anything else than uncompressed sound (PCM of whole
/// bytes, float, A-law, mu-law) that is not empty.
result<wav_info> read_wav_info(const std::filesystem::path& path);

/// The samples from `begin` to `end` seconds, all channels; short at the end.
/// Fault `bad_answer` unless they have 16 bit.
result<std::vector<std::int16_t>> read_wav(const std::filesystem::path& path,
                                           const wav_info& info, double begin,
                                           double end);

/// Writes a whole file, not synced. Fault `disk`.
result<done> write_wav(const std::filesystem::path& path, int rate,
                       int channels, const std::vector<std::int16_t>& samples);

/// Gives the file `seconds` of sound: cut off, or silence added (a hole). For
/// signed samples, and files whose sound comes last. Fault `disk`.
result<done> set_wav_length(const std::filesystem::path& path,
                            const wav_info& info, double seconds);

} // namespace dubber
