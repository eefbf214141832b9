#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <span>

namespace dubber {

/// A file of raw samples (16 bit, mono, this machine's byte order, which ffmpeg
/// calls s16le) that is as long as it will be from the start, silent where
/// nothing was written: a hole takes no room on the disk.
class pcm_file {
public:
  pcm_file() = default;
  pcm_file(const pcm_file&) = delete;
  pcm_file& operator=(const pcm_file&) = delete;
  ~pcm_file();

  /// Creates the file. Fault `disk`.
  result<done> create(const std::filesystem::path& path, std::uint64_t samples);

  /// @param at First sample. What reaches beyond the end makes it longer.
  result<done> write(std::uint64_t at, std::span<const std::int16_t> samples);

  /// Ends the writing. Fault `disk`: the system reports a late failure here.
  result<done> close();

private:
  fault failed(const char* doing) const;

  int fd_ = -1;
  std::filesystem::path path_;
};

} // namespace dubber
