// What a long film costs: its sound extracted and cut, then 3,000 pieces of
// speech merged into it, the original kept underneath. Each figure stands next
// to its limit; memory is that of this process and of its largest child.
#include "clients/workers/media.hpp"

#include "clients/local_store.hpp"
#include "clients/media/local_media_worker.hpp"
#include "clients/wav.hpp"

#include <stdlib.h>
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <future>

namespace {

using namespace dubber;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr double hours = 3;
constexpr int pieces = 3'000;
constexpr double limit_share = 0.1; ///< of the film's length
constexpr long limit_mb = 64;       ///< of ours
constexpr long limit_child_mb = 300;

struct folder {
  folder() {
    auto name = (fs::temp_directory_path() / "dubber-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr)
      path = name;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code left_for_the_system;
    fs::remove_all(path, left_for_the_system);
  }
  fs::path path;
};

long peak_mb(int who) {
  rusage use{};
  ::getrusage(who, &use);
  return use.ru_maxrss / 1024;
}

/// Runs one stage; ends the program when it fails.
template <class Worker>
work_result run(Worker& worker, work_kind kind, work_input input) {
  auto order = std::make_shared<work_order>();
  order->kind = kind;
  order->stage = to_string(kind);
  order->input = std::move(input);
  std::promise<result<work_result>> end;
  auto begun = steady::now();
  auto handle = worker.start(order, {1, std::chrono::hours{2}, {}},
                             [&](auto r) { end.set_value(std::move(r)); });
  auto outcome = end.get_future().get();
  if (!outcome) {
    std::fprintf(stderr, "%s: %s\n", order->stage.c_str(),
                 outcome.error().message.c_str());
    std::exit(1);
  }
  std::chrono::duration<double> took = steady::now() - begun;
  std::printf("%-8s %7.1f s of %.0f s (limit %.0f s)\n", order->stage.c_str(),
              took.count(), hours * 3600, hours * 3600 * limit_share);
  return *outcome;
}

spoken tone(const local_store& store, const fs::path& file, double seconds) {
  constexpr int rate = 22'050;
  std::vector<std::int16_t> sound(static_cast<std::size_t>(seconds * rate));
  for (std::size_t i = 0; i < sound.size(); ++i)
    sound[i]
      = static_cast<std::int16_t>(8'000 * std::sin(static_cast<double>(i) * 0.1)
                                  * std::sin(static_cast<double>(i) * 0.0008));
  auto stored = write_wav(file, rate, 1, sound) ? store.store_artifact(file)
                                                : result<artifact>{fault{}};
  return stored ? spoken{*stored, seconds, 1} : spoken{};
}

} // namespace

int main() {
  folder root;
  work_pool files{2};
  local_store store{root.path / "store", files};
  work_pool pool{2};
  auto tools = ffmpeg_tools::find();
  fs::create_directories(root.path / "store");
  if (!tools)
    return 1;
  auto length = std::to_string(hours * 3600);
  auto made = run_child(
    {tools->ffmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i",
     "testsrc=size=160x96:rate=5:duration=" + length, "-f", "lavfi", "-i",
     "anoisesrc=color=pink:amplitude=0.1:sample_rate=16000:duration=" + length,
     "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac",
     root.path / "store" / "film.mkv"},
    std::chrono::hours{1}, std::make_shared<std::atomic<bool>>(false));
  if (!made || made->exit_code != 0)
    return 1;
  local_media_worker media{store, pool, *tools, root.path / "scratch"};
  media_settings with{media, store, pool, root.path / "scratch"};
  extract_worker extract{with};
  merge_worker merge{with};
  auto heard = std::get<extracted>(
    run(extract, work_kind::extract, extract_input{"film.mkv"}));
  merge_input in;
  in.source_object_key = "film.mkv";
  in.source_language = "en";
  in.target_language = "es";
  in.seconds = heard.seconds;
  in.options.edit().keep_original = true;
  auto file = root.path / "tone.wav";
  const spoken speeches[] = {tone(store, file, 2.4), tone(store, file, 4)};
  for (int i = 0; i < pieces; ++i) {
    auto at = i * in.seconds / pieces;
    in.pieces.push_back({{at, at + 3}, "hello", "hola", speeches[i % 2]});
  }
  auto out = std::get<merged>(run(merge, work_kind::merge, in));
  std::printf("chunks   %7zu\nvideo    %7.1f MB\n", heard.chunks.size(),
              static_cast<double>(out.video.bytes) / 1e6);
  auto ours = peak_mb(RUSAGE_SELF), child = peak_mb(RUSAGE_CHILDREN);
  std::printf("memory   %7ld MB (limit %ld MB)\nffmpeg   %7ld MB (limit %ld "
              "MB)\n",
              ours, limit_mb, child, limit_child_mb);
  return ours <= limit_mb && child <= limit_child_mb ? 0 : 1;
}
