#pragma once

#include "clients/media/ffmpeg.hpp"
#include "clients/scratch_folder.hpp"
#include "clients/wav.hpp"
#include "tests/contract/media_worker_contract.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"

#include <cmath>

namespace dubber::test {

using samples = std::vector<std::int16_t>;

constexpr auto patience = std::chrono::seconds{60};

/// Arguments of ffmpeg for three seconds of picture and of a tone of 440 Hz.
inline const std::string film
  = "-f lavfi -i testsrc=duration=3:size=96x64:rate=25 -f lavfi -i "
    "sine=frequency=440:duration=3 -c:v libx264 -preset ultrafast -pix_fmt "
    "yuv420p -c:a aac -f mp4";

/// Makes files, puts them into the worker's store, gets its results.
class customer {
public:
  explicit customer(const make_bench& make) : bench(make()) {
    // nop
  }

  std::string shell(const std::string& command) const {
    auto ran = run_child({"/bin/sh", "-c", command}, patience, never);
    INFO(command);
    REQUIRE(ran);
    INFO(ran->err);
    REQUIRE(ran->exit_code == 0);
    return ran->out;
  }

  artifact put(const std::filesystem::path& file, const std::string& key) {
    auto stored = put_file(bench->store(), file, key, clock());
    REQUIRE(stored);
    return *stored;
  }

  artifact put_text(const std::string& text, const std::string& key) {
    return put(mine.write(unique_name("text"), text), key);
  }

  /// An object that ffmpeg makes. @param args Before the file's name.
  void make(const std::string& key, const std::string& args) {
    auto file = mine.file(unique_name("made"));
    shell("ffmpeg -nostdin -v error -y " + args + " " + file.string());
    put(file, key);
  }

  /// A second of a tone, as TTS would have spoken it.
  artifact tone(const std::string& key, double hertz) {
    samples sound(22'050);
    for (std::size_t i = 0; i < sound.size(); ++i)
      sound[i] = static_cast<std::int16_t>(
        9'000 * std::sin(static_cast<double>(i) * hertz * 6.2831853 / 22'050));
    auto file = mine.file(unique_name("tone"));
    REQUIRE(write_wav(file, 22'050, 1, sound));
    return put(file, key);
  }

  std::filesystem::path get(const std::string& key) {
    auto file
      = fetch_file(bench->store(), key, mine.file(unique_name("got")), clock());
    REQUIRE(file);
    return file->path;
  }

  /// The sound of a file at 16 kHz.
  samples listen(const std::filesystem::path& file) const {
    auto wav = mine.file(unique_name("heard"));
    shell("ffmpeg -nostdin -v error -y -i " + file.string()
          + " -map 0:a:0 -ac 1 -ar 16000 -f wav " + wav.string());
    auto info = read_wav_info(wav);
    REQUIRE(info);
    return *read_wav(wav, *info, 0, info->seconds());
  }

  result<media_file> extract(const std::string& source, const std::string& to) {
    awaited<result<media_file>> end;
    auto handle = bench->worker().extract_audio(call(), source, to, patience,
                                                end.callback());
    return end.get();
  }

  result<media_file> merge(const std::string& plan, const std::string& to) {
    awaited<result<media_file>> end;
    auto handle
      = bench->worker().merge_audio(call(), plan, to, patience, end.callback());
    return end.get();
  }

  /// Work of its own each time.
  static media_call call() {
    return {7, 1, unique_key("work")};
  }

  task_clock clock() const {
    return {patience, never};
  }

  std::unique_ptr<media_bench> bench;
  scratch mine;
  cancel_flag never = std::make_shared<std::atomic<bool>>(false);
};

} // namespace dubber::test
