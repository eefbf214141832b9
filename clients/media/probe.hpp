#pragma once

#include "clients/media/ffmpeg.hpp"

#include <optional>

namespace dubber {

/// What there is in a media file, as far as a dub needs it.
struct media_facts {
  struct picture {
    int index = 0; ///< of the stream in the file
    std::string codec;
    double frame_seconds = 0.04; ///< length of one frame
  };
  struct sound {
    int index = 0;
    std::string codec;
  };
  std::string container; ///< ffprobe's name
  double seconds = 0;    ///< as the container says; 0 when it does not
  /// The first picture that moves (not a cover), the first sound.
  std::optional<picture> video;
  std::optional<sound> audio;
};

/// Fault `invalid_input`: nothing that ffmpeg can read.
result<media_facts> probe_media(const ffmpeg_tools& tools,
                                const std::filesystem::path& file,
                                const task_clock& clock);

/// As `probe_media`, for what is to be dubbed. Faults, in one sentence each:
/// `invalid_input` (no media, no picture, no sound), `limit_exceeded` (more
/// than 12 hours).
result<media_facts> probe_source(const ffmpeg_tools& tools,
                                 const std::filesystem::path& file,
                                 const task_clock& clock);

} // namespace dubber
