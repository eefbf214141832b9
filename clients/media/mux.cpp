#include "clients/media/mux.hpp"

#include "core/language.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace dubber {

namespace {

namespace fs = std::filesystem;

/// The result may differ from the plan by more than this only when something
/// went wrong unnoticed.
constexpr double believable = 1;

/// Pictures that have a place in MP4.
bool mp4_holds(const std::string& codec) {
  static constexpr std::array<std::string_view, 9> known{
    "h264",       "hevc",       "av1",   "vp9", "mpeg4",
    "mpeg2video", "mpeg1video", "mjpeg", "vc1"};
  return std::find(known.begin(), known.end(), codec) != known.end();
}

arguments picture_copied(const media_facts& facts) {
  arguments out{"-c:v", "copy"};
  if (facts.video->codec == "hevc")
    append(out, {"-tag:v", "hvc1"}); // the one that all players know
  if (facts.video->codec == "mpeg4" && facts.container == "avi")
    append(out, {"-bsf:v", "mpeg4_unpack_bframes"}); // AVI packs two in one
  return out;
}

/// H.264 that every player shows: even sides, 4:2:0 colour.
arguments picture_anew() {
  return {"-c:v",     "libx264", "-preset",   "veryfast",
          "-crf",     "20",      "-vf",       "pad=ceil(iw/2)*2:ceil(ih/2)*2",
          "-pix_fmt", "yuv420p", "-fps_mode", "vfr"};
}

/// Language and name of a track. (ffmpeg shows the name of an MP4 track as its
/// handler's.)
arguments track_tags(const std::string& track, const merge_plan& plan,
                     const std::string& title) {
  auto of = "-metadata:s:" + track;
  return {of, "language=" + iso639_2(plan.target_language),
          of, "title=" + title,
          of, "handler_name=" + title};
}

result<done> mux(const merge_plan& plan, const ffmpeg_tools& tools,
                 const fs::path& source, const media_facts& facts,
                 const fs::path& dub, const fs::path& subtitles,
                 const fs::path& out, const arguments& picture,
                 const task_clock& clock) {
  auto args = source_input(source);
  append(args, own_input(dub, "mp4"));
  if (!subtitles.empty())
    append(args, own_input(subtitles, "srt"));
  append(args,
         {"-map", "0:" + std::to_string(facts.video->index), "-map", "1:a:0"});
  append(args, picture);
  append(args, {"-c:a", "copy"});
  auto name = language_name(plan.target_language);
  append(args, track_tags("a:0", plan, name + " (dub)"));
  if (!subtitles.empty()) {
    append(args, {"-map", "2:s:0", "-c:s", "mov_text"});
    append(args, track_tags("s:0", plan, name + " (subtitles)"));
  }
  append(args, told_progress());
  append(args, {"-write_tmcd", "0", "-movflags", "+faststart", "-f", "mp4",
                out.string()});
  auto ran = run_ffmpeg(tools, args, clock);
  if (!ran)
    return ran.error();
  // What ffmpeg 7 says of its own progress is where its slowest track is: that
  // of the subtitles may have ended long before.
  auto made = probe_media(tools, out, clock);
  if (!made)
    return made.error();
  if (std::abs(made->seconds - plan.seconds) <= believable)
    return done{};
  return fault{fault_code::internal,
               "the dubbed video is " + seconds_text(made->seconds)
                 + " s long, its source " + seconds_text(plan.seconds) + " s",
               0,
               {}};
}

} // namespace

result<std::string> mux_dub(const merge_plan& plan, const ffmpeg_tools& tools,
                            const fs::path& source, const media_facts& facts,
                            const fs::path& dub, const fs::path& subtitles,
                            const fs::path& out, const task_clock& clock) {
  auto attempt = [&](const arguments& picture) {
    return mux(plan, tools, source, facts, dub, subtitles, out, picture, clock);
  };
  if (mp4_holds(facts.video->codec)) {
    auto made = attempt(picture_copied(facts));
    if (made)
      return std::string{"copied"};
    // Some containers keep too little of the packets' times for a copy.
    if (made.error().code != fault_code::invalid_input
        && made.error().code != fault_code::server_error
        && made.error().code != fault_code::internal)
      return made.error();
  }
  auto made = attempt(picture_anew());
  if (!made)
    return made.error();
  return std::string{"h264"};
}

} // namespace dubber
