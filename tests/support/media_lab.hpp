#pragma once

#include "clients/local_store.hpp"
#include "clients/media/local_media_worker.hpp"
#include "clients/wav.hpp"
#include "clients/workers/media.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <cmath>
#include <sstream>

namespace dubber::test {

/// A store, a local media worker and ffmpeg to make inputs and to look at
/// results: real files, real tools.
class media_lab {
public:
  static constexpr auto timeout = std::chrono::seconds{300};

  media_lab() {
    std::filesystem::create_directories(root.file("store"));
  }

  /// For the shell, whatever the name.
  static std::string quoted(const std::filesystem::path& file) {
    std::string out = "'";
    for (char c : file.string())
      out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + "'";
  }

  /// Where an object of the store lies.
  std::filesystem::path object(const std::string& key) const {
    return root.file("store") / key;
  }

  std::string shell(const std::string& command) const {
    auto ran = run_child({"/bin/sh", "-c", command}, timeout, never);
    INFO(command);
    REQUIRE(ran);
    INFO(ran->err);
    REQUIRE(ran->exit_code == 0);
    return ran->out;
  }

  /// Has ffmpeg make an object of the store. @param args Before its name.
  void make(const std::string& key, const std::string& args) const {
    shell(tools.ffmpeg + " -nostdin -v error -y " + args + " "
          + quoted(object(key)));
  }

  /// ffprobe's answer, one value a line.
  std::string probe(const std::filesystem::path& file,
                    const std::string& what) const {
    return shell(tools.ffprobe + " -v error -of default=nk=1:nw=1 " + what + " "
                 + quoted(file));
  }

  double number(const std::filesystem::path& file,
                const std::string& what) const {
    return std::strtod(probe(file, what).c_str(), nullptr);
  }

  double seconds(const std::filesystem::path& file) const {
    return number(file, "-show_entries format=duration");
  }

  /// The sound of a file as one channel. @param map Which, for ffmpeg.
  std::vector<std::int16_t> pcm(const std::filesystem::path& file, int rate,
                                const std::string& map = "0:a:0") const {
    auto wav = root.file("listen.wav");
    shell(tools.ffmpeg + " -nostdin -v error -y -i " + quoted(file) + " -map "
          + map + " -ac 1 -ar " + std::to_string(rate)
          + " -c:a pcm_s16le -fflags +bitexact " + wav.string());
    auto info = read_wav_info(wav);
    REQUIRE(info);
    return *read_wav(wav, *info, 0, info->seconds());
  }

  /// Stores a tone as a TTS service would have spoken it.
  spoken speak(double length, double hertz, double loudness = 0.25,
               int rate = 22'050) {
    std::vector<std::int16_t> tone(static_cast<std::size_t>(length * rate));
    for (std::size_t i = 0; i < tone.size(); ++i)
      tone[i] = static_cast<std::int16_t>(
        32'767 * loudness
        * std::sin(2 * 3.14159265358979 * hertz * static_cast<double>(i)
                   / rate));
    auto file = root.file("tone.wav");
    REQUIRE(write_wav(file, rate, 1, tone));
    return {*store.store_artifact(file),
            static_cast<double>(tone.size()) / rate, 1};
  }

  template <class Worker>
  result<work_result> run(work_kind kind, work_input input,
                          ms limit = timeout) {
    Worker worker{{media, store, pool, scratch_root()}};
    auto order = std::make_shared<work_order>();
    order->kind = kind;
    order->stage = to_string(kind);
    order->job_id = 7;
    order->job_no = 1;
    order->input = std::move(input);
    awaited<result<work_result>> end;
    auto handle = worker.start(order, {1, limit, {}}, end.callback());
    return end.get();
  }

  result<work_result> extract(const std::string& key) {
    return run<extract_worker>(work_kind::extract, extract_input{key});
  }

  result<work_result> merge(const merge_input& in) {
    return run<merge_worker>(work_kind::merge, in);
  }

  std::filesystem::path scratch_root() const {
    return root.file("scratch");
  }

  /// Every attempt cleans up behind itself, at the latest soon after its end.
  bool scratch_empties() const {
    auto deadline = std::chrono::steady_clock::now() + timeout;
    while (std::filesystem::exists(scratch_root())
           && !std::filesystem::is_empty(scratch_root())) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

  scratch root;
  cancel_flag never = std::make_shared<std::atomic<bool>>(false);
  ffmpeg_tools tools = *ffmpeg_tools::find();
  work_pool files{2};
  local_store store{root.file("store"), files};
  work_pool pool{2};
  local_media_worker media{store, pool, tools, scratch_root()};
};

/// A merge of a source with nothing said yet.
inline merge_input merge_of(const std::string& key, double seconds) {
  merge_input in;
  in.source_object_key = key;
  in.source_language = "en";
  in.target_language = "es";
  in.seconds = seconds;
  return in;
}

inline merge_piece piece_of(media_span span, spoken speech,
                            std::string translation = "hola") {
  return {span, "hello", std::move(translation), std::move(speech)};
}

} // namespace dubber::test
