#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dubber {

/// Where the sound lies in a RIFF WAVE file (PCM, 16 bit).
struct wav_info {
  int channels = 0;
  int rate = 0;           ///< samples a second
  std::uint64_t data = 0; ///< offset of the first sample
  std::uint64_t bytes
    = 0; ///< of sound; what is there, whatever the header says

  double seconds() const {
    return static_cast<double>(bytes) / (2.0 * channels * rate);
  }
};

/// Fault `bad_answer` for anything else than PCM of 16 bit with some sound.
result<wav_info> read_wav_info(const std::filesystem::path& path);

/// The samples from `begin` to `end` seconds, all channels; short at the end.
result<std::vector<std::int16_t>> read_wav(const std::filesystem::path& path,
                                           const wav_info& info, double begin,
                                           double end);

/// Writes a whole file, not synced. Fault `disk`.
result<done> write_wav(const std::filesystem::path& path, int rate,
                       int channels, const std::vector<std::int16_t>& samples);

} // namespace dubber
