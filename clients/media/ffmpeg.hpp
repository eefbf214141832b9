#pragma once

#include "clients/child_process.hpp"
#include "clients/store_calls.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// ffmpeg and ffprobe as children, under the rules of INTERFACES, Safety.
namespace dubber {

/// The programs, as absolute paths.
struct ffmpeg_tools {
  std::string ffmpeg;
  std::string ffprobe;

  /// From PATH; a fault that names what is missing.
  static result<ffmpeg_tools> find();
};

using arguments = std::vector<std::string>;

/// Adds `more` at the end.
void append(arguments& to, const arguments& more);

/// What comes before the name of every input: local files only, and only the
/// named demuxers (a playlist would open other files).
arguments source_input(const std::filesystem::path& file);
/// The same for ffprobe.
arguments probed_file(const std::filesystem::path& file);
/// A file of ours, which is of this one format. @param options Of the demuxer.
arguments own_input(const std::filesystem::path& file,
                    const std::string& format, const arguments& options = {});

/// What ffmpeg writes to stderr. `all` includes the source's own texts, so
/// nothing is concluded from its errors: for runs that write no file.
enum class ffmpeg_says { errors, all };

/// What ffmpeg said.
struct ffmpeg_output {
  std::string out;
  std::string err;
};

/// Runs ffmpeg with `args` (no input from us, output overwritten). A failed
/// run is `invalid_input` with what it said last, `disk` when that says so, and
/// `server_error` when it was killed.
result<ffmpeg_output> run_ffmpeg(const ffmpeg_tools& tools,
                                 const arguments& args, const task_clock& clock,
                                 ffmpeg_says level = ffmpeg_says::errors);

/// Options of an output that have ffmpeg say how far it came, and where the
/// last thing it read or wrote ended, in seconds.
arguments told_progress();
double end_time(const ffmpeg_output& said);

/// Runs ffprobe on a source; its answer is JSON. A failed run is
/// `invalid_input`, or `server_error` when it was killed.
result<std::string> run_ffprobe(const ffmpeg_tools& tools,
                                const arguments& args, const task_clock& clock);

/// Seconds as ffmpeg's options take them.
std::string seconds_text(double seconds);

/// A number as its filters take it; never with an exponent.
std::string number_text(double value);

} // namespace dubber
