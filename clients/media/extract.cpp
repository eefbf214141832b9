#include "clients/media/extract.hpp"

#include "clients/wav.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// A container's length is believed when what was read ends within this time of
/// it: coders add up to a few frames at the end.
constexpr double believable = 0.5;

std::string stream(int index) {
  return "0:" + std::to_string(index);
}

/// Where the picture ends, by its packets: containers lie (cut-off downloads),
/// guess, or do not know.
result<double> end_of_picture(const ffmpeg_tools& tools,
                              const std::filesystem::path& source,
                              const media_facts& facts,
                              const task_clock& clock) {
  auto args = source_input(source);
  append(args, told_progress());
  append(args,
         {"-map", stream(facts.video->index), "-c", "copy", "-f", "null", "-"});
  auto ran = run_ffmpeg(tools, args, clock);
  return ran ? result<double>{end_time(*ran)} : ran.error();
}

/// @param heard End of the sound, seconds.
result<double> length_of_source(const ffmpeg_tools& tools,
                                const std::filesystem::path& source,
                                const media_facts& facts, double heard,
                                const task_clock& clock) {
  auto said = facts.seconds;
  if (said > 0 && std::abs(said - heard) <= believable)
    return said;
  auto seen = end_of_picture(tools, source, facts, clock);
  if (!seen)
    return seen;
  auto end = std::max(heard, *seen);
  return said > 0 && std::abs(said - end) <= believable ? said : end;
}

} // namespace

result<double> extract_sound(const ffmpeg_tools& tools,
                             const std::filesystem::path& source,
                             const std::filesystem::path& wav,
                             const task_clock& clock) {
  auto facts = probe_source(tools, source, clock);
  if (!facts)
    return facts.error();
  auto args = source_input(source);
  append(args, {"-map", stream(facts->audio->index), "-vn", "-sn", "-dn", "-ac",
                "1", "-ar", "16000", "-af", "aresample=async=1:first_pts=0",
                "-c:a", "pcm_s16le", "-fflags", "+bitexact", "-t",
                seconds_text(max_media_seconds + 1), wav.string()});
  if (auto ran = run_ffmpeg(tools, args, clock); !ran) {
    auto why = ran.error();
    if (why.code == fault_code::invalid_input)
      why.message = "the source's sound cannot be read: " + why.message;
    return why;
  }
  auto info = read_wav_info(wav);
  if (!info)
    return fault{
      fault_code::invalid_input, "the source's sound is empty", 0, {}};
  auto seconds
    = length_of_source(tools, source, *facts, info->seconds(), clock);
  if (!seconds)
    return seconds;
  if (*seconds > max_media_seconds)
    return fault{
      fault_code::limit_exceeded, "the source is longer than 12 hours", 0, {}};
  if (auto fitted = set_wav_length(wav, *info, *seconds); !fitted)
    return fitted.error();
  return *seconds;
}

} // namespace dubber
