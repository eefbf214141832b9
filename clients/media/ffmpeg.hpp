#pragma once

#include "clients/child_process.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace dubber {

/// The programs, as absolute paths.
struct ffmpeg_tools {
  std::string ffmpeg;
  std::string ffprobe;

  /// From PATH; a fault that names what is missing.
  static result<ffmpeg_tools> find();
};

/// What there is in a media file, as far as a dub needs it.
struct media_facts {
  bool video = false;
  bool audio = false;
  double seconds = 0; ///< of the container
};

/// The options that come before every input (INTERFACES, Safety): local files
/// only, known containers only.
std::vector<std::string> safe_input(const std::filesystem::path& file);

/// Fault `invalid_input`: nothing that ffmpeg can read.
result<media_facts> probe_media(const ffmpeg_tools& tools,
                                const std::filesystem::path& file, ms timeout,
                                const cancel_flag& cancelled);

/// Integrated loudness of a sound file in LUFS (EBU R 128); -70 for silence.
result<double> measure_loudness(const ffmpeg_tools& tools,
                                const std::filesystem::path& file, ms timeout,
                                const cancel_flag& cancelled);

/// Runs ffmpeg with `args`; a failed run is `invalid_input` with its last line,
/// or `disk` when that says so.
result<done> run_ffmpeg(const ffmpeg_tools& tools,
                        std::vector<std::string> args, ms timeout,
                        const cancel_flag& cancelled);

} // namespace dubber
