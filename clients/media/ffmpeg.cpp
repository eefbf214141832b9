#include "clients/media/ffmpeg.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace dubber {

namespace {

constexpr const char* containers
  = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,asf,ogg,wav,"
    "mp3,flac,aac,srt";

std::string last_line(const std::string& text) {
  auto end = text.find_last_not_of("\n ");
  if (end == std::string::npos)
    return "no message";
  auto begin = text.find_last_of('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

bool says_disk(const std::string& err) {
  for (auto text : {"No space left on device", "Disk quota exceeded",
                    "File too large", "Read-only file system"})
    if (err.find(text) != std::string::npos)
      return true;
  return false;
}

} // namespace

result<ffmpeg_tools> ffmpeg_tools::find() {
  ffmpeg_tools tools{find_program("ffmpeg"), find_program("ffprobe")};
  if (tools.ffmpeg.empty() || tools.ffprobe.empty())
    return fault{fault_code::invalid_input,
                 "ffmpeg and ffprobe are not on PATH; MEDIA_WORKER=local needs "
                 "them",
                 0,
                 {}};
  return tools;
}

std::vector<std::string> safe_input(const std::filesystem::path& file) {
  return {"-protocol_whitelist",
          "file,pipe",
          "-format_whitelist",
          containers,
          "-i",
          std::filesystem::absolute(file).string()};
}

result<media_facts> probe_media(const ffmpeg_tools& tools,
                                const std::filesystem::path& file, ms timeout,
                                const cancel_flag& cancelled) {
  std::vector<std::string> args{tools.ffprobe,  "-v",   "error",
                                "-of",          "json", "-show_format",
                                "-show_streams"};
  for (auto& x : safe_input(file))
    args.push_back(x);
  auto ran = run_child(args, timeout, cancelled);
  if (!ran)
    return ran.error();
  auto j = nlohmann::json::parse(ran->out, nullptr, false);
  media_facts facts;
  if (ran->exit_code == 0 && j.is_object() && j.contains("streams"))
    for (auto& s : j["streams"]) {
      auto type = s.value("codec_type", "");
      auto picture = s.contains("disposition")
                     && s["disposition"].value("attached_pic", 0) == 1;
      facts.video |= type == "video" && !picture;
      facts.audio |= type == "audio";
    }
  if (!facts.video && !facts.audio)
    return fault{fault_code::invalid_input,
                 "the source is no video that ffmpeg can read",
                 0,
                 {}};
  if (j.contains("format"))
    facts.seconds = std::strtod(
      j["format"].value("duration", std::string{"0"}).c_str(), nullptr);
  return facts;
}

result<double> measure_loudness(const ffmpeg_tools& tools,
                                const std::filesystem::path& file, ms timeout,
                                const cancel_flag& cancelled) {
  std::vector<std::string> args{tools.ffmpeg, "-nostdin", "-hide_banner",
                                "-v",         "info",     "-nostats"};
  for (auto& x : safe_input(file))
    args.push_back(x);
  for (auto x : {"-af", "ebur128=framelog=verbose", "-f", "null", "-"})
    args.emplace_back(x);
  auto ran = run_child(args, timeout, cancelled);
  if (!ran)
    return ran.error();
  // The summary comes last: "    I:         -22.2 LUFS".
  auto at = ran->err.rfind(" I: ");
  if (ran->exit_code != 0 || at == std::string::npos)
    return fault{fault_code::internal,
                 "ffmpeg measured no loudness: " + last_line(ran->err),
                 0,
                 {}};
  return std::strtod(ran->err.c_str() + at + 4, nullptr);
}

result<done> run_ffmpeg(const ffmpeg_tools& tools,
                        std::vector<std::string> args, ms timeout,
                        const cancel_flag& cancelled) {
  args.insert(args.begin(),
              {tools.ffmpeg, "-nostdin", "-hide_banner", "-v", "error", "-y"});
  auto ran = run_child(args, timeout, cancelled);
  if (!ran)
    return ran.error();
  // The exit code is 0 even when the last bytes could not be written.
  auto full = says_disk(ran->err);
  if (ran->exit_code == 0 && !full)
    return done{};
  return fault{full ? fault_code::disk : fault_code::invalid_input,
               "ffmpeg: " + last_line(ran->err),
               0,
               {}};
}

} // namespace dubber
