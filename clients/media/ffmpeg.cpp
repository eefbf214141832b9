#include "clients/media/ffmpeg.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace dubber {

namespace {

/// What a source may be; all of these hold their media themselves.
constexpr const char* source_formats
  = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,asf,ogg,mp3,"
    "flac,aac,wav";

constexpr child_limits media_limits{
  6ull << 30,  // address space: an 8K picture encoded anew needs about 3 GB
  64ull << 30, // one file
  1'024, 5, false};

/// Without folders: people need not know where our scratch lies.
std::string without_paths(const std::string& line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    auto end = line.find_first_of(" :'", i);
    auto word = line.substr(i, end == std::string::npos ? end : end - i);
    out
      += word.starts_with('/') ? word.substr(word.find_last_of('/') + 1) : word;
    if (end == std::string::npos)
      break;
    out += line[end];
    i = end + 1;
  }
  return out;
}

/// The last line that says something.
std::string last_words(const std::string& text) {
  auto rest = text;
  while (!rest.empty()) {
    auto end = rest.find_last_not_of("\n ");
    if (end == std::string::npos)
      break;
    auto begin = rest.find_last_of('\n', end);
    auto line
      = rest.substr(begin == std::string::npos ? 0 : begin + 1,
                    end - (begin == std::string::npos ? 0 : begin + 1) + 1);
    if (line != "Conversion failed!")
      return without_paths(line);
    rest.resize(begin == std::string::npos ? 0 : begin);
  }
  return "it gave no reason";
}

/// A line's end says why; what comes before may be a hostile file name. (A
/// write that failed at the very end can leave the exit code 0.)
bool says_disk_full(const child_outcome& ran) {
  constexpr int killed_by_file_limit = 128 + 25; // SIGXFSZ
  std::istringstream lines{ran.err};
  for (std::string line; std::getline(lines, line);)
    for (auto why : {"No space left on device", "Disk quota exceeded",
                     "File too large", "Read-only file system"})
      if (line.ends_with(why))
        return true;
  return ran.exit_code == killed_by_file_limit;
}

/// A child that did not end by itself: killed for want of memory, crashed, or
/// not there any more. It may well go another time, and may be the source's
/// doing: as with a service that answers 5xx.
std::optional<fault> was_killed(const char* program, const child_outcome& ran) {
  constexpr int cannot_start = 127;
  if (ran.exit_code < cannot_start)
    return std::nullopt;
  auto signal = ran.exit_code - cannot_start - 1;
  auto how = signal < 0 ? std::string{" could not be started"}
                        : " was ended by signal " + std::to_string(signal);
  if (signal == SIGKILL)
    how += " (for want of memory?)";
  return fault{fault_code::server_error, program + how, 0, {}};
}

/// A child was given what was left of the attempt: that time says nothing.
fault plainly(fault why) {
  if (why.code == fault_code::timeout)
    why.message = "the work on the media did not end within its deadline";
  return why;
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

void append(arguments& to, const arguments& more) {
  to.insert(to.end(), more.begin(), more.end());
}

arguments source_input(const std::filesystem::path& file) {
  // In formats like MPEG-TS ffmpeg takes the first stream that is *used* for
  // the start of the clock, so picture and sound, read one by one, would drift
  // apart. An offset, however small, keeps it to the container's start.
  return {"-protocol_whitelist",
          "file,pipe",
          "-format_whitelist",
          source_formats,
          "-itsoffset",
          "0.000001",
          "-i",
          std::filesystem::absolute(file)};
}

arguments probed_file(const std::filesystem::path& file) {
  return {"-protocol_whitelist", "file,pipe", "-format_whitelist",
          source_formats,        "-i",        std::filesystem::absolute(file)};
}

arguments own_input(const std::filesystem::path& file,
                    const std::string& format, const arguments& options) {
  arguments out{"-protocol_whitelist", "file,pipe", "-f", format};
  append(out, options);
  append(out, {"-i", std::filesystem::absolute(file)});
  return out;
}

result<ffmpeg_output> run_ffmpeg(const ffmpeg_tools& tools,
                                 const arguments& args, const task_clock& clock,
                                 ffmpeg_says level) {
  constexpr auto quiet = ffmpeg_says::errors;
  arguments argv{tools.ffmpeg, "-nostdin", "-hide_banner",
                 "-nostats",   "-v",       level == quiet ? "error" : "info",
                 "-y"};
  append(argv, args);
  auto ran = run_child(argv, clock.left(), clock.cancelled, media_limits);
  if (!ran)
    return plainly(ran.error());
  if (level == quiet && says_disk_full(*ran))
    return fault{fault_code::disk,
                 "the disk of the scratch folder is full or broken: "
                   + last_words(ran->err),
                 0,
                 {}};
  if (auto why = was_killed("ffmpeg", *ran))
    return *why;
  if (ran->exit_code != 0)
    return fault{
      fault_code::invalid_input, "ffmpeg: " + last_words(ran->err), 0, {}};
  return ffmpeg_output{std::move(ran->out), std::move(ran->err)};
}

arguments told_progress() {
  return {"-progress", "pipe:1", "-stats_period", "10"};
}

double end_time(const ffmpeg_output& said) {
  const std::string name = "out_time_us=";
  auto at = said.out.rfind(name);
  if (at == std::string::npos)
    return 0;
  auto end = std::strtod(said.out.c_str() + at + name.size(), nullptr) / 1e6;
  return std::isfinite(end) ? std::max(0.0, end) : 0;
}

result<std::string> run_ffprobe(const ffmpeg_tools& tools,
                                const arguments& args,
                                const task_clock& clock) {
  arguments argv{tools.ffprobe, "-hide_banner", "-v", "error", "-of", "json"};
  append(argv, args);
  auto ran = run_child(argv, clock.left(), clock.cancelled, media_limits);
  if (!ran)
    return plainly(ran.error());
  if (auto why = was_killed("ffprobe", *ran))
    return *why;
  if (ran->exit_code != 0)
    return fault{
      fault_code::invalid_input, "ffprobe: " + last_words(ran->err), 0, {}};
  return std::move(ran->out);
}

std::string seconds_text(double seconds) {
  return number_text(std::max(0.0, seconds));
}

std::string number_text(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", std::isfinite(value) ? value : 0.0);
  return text;
}

} // namespace dubber
