/// Three hours of speech in 3,000 pieces, in bounded memory.
#include "clients/media/duck_envelope.hpp"
#include "clients/media/pcm_file.hpp"
#include "clients/media/speech_track.hpp"
#include "core/timeline.hpp"
#include "tests/support/media_lab.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

using namespace dubber;
using test::media_lab;

namespace {

constexpr long mega = 1024; // in kilobytes

// AddressSanitizer keeps freed memory for a while and shadows the rest.
#ifdef __SANITIZE_ADDRESS__
constexpr long slack = 500 * mega;
#else
constexpr long slack = 0;
#endif

/// Peak memory of this process since the last `forget`, kB.
long peak_memory() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::strtol(line.c_str() + 6, nullptr, 10);
  return 0;
}

void forget_peak() {
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

} // namespace

TEST_CASE("three hours in 3,000 pieces are placed in bounded memory") {
  media_lab lab;
  constexpr double seconds = 3 * 3'600;
  auto in = test::merge_of("film.mp4", seconds);
  in.options.edit().keep_original = true;
  const spoken speeches[]
    = {lab.speak(2.1, 300), lab.speak(2.9, 500), lab.speak(4.3, 700)};
  for (int i = 0; i < 3'000; ++i) {
    auto at = i * seconds / 3'000;
    in.pieces.push_back(
      test::piece_of({at, at + 3}, speeches[i % 9 == 0 ? 2 : i % 2]));
  }
  auto plan = plan_timeline(in).plan;
  REQUIRE(plan.placements.size() == 3'000);
  REQUIRE(plan.original);
  auto track = lab.root.file("speech.pcm"), bed = lab.root.file("bed.pcm");
  forget_peak();
  auto before = peak_memory();
  auto written
    = write_speech_track(plan, lab.store, lab.tools, lab.root.file("store"),
                         track, {media_lab::timeout, lab.never});
  INFO((written ? "" : written.error().message));
  REQUIRE(written);
  REQUIRE(write_duck_envelope(plan, bed));
  CHECK(peak_memory() - before < 16 * mega + slack);
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  CHECK(children.ru_maxrss < 250 * mega + slack);
  struct stat info {};
  REQUIRE(::stat(track.c_str(), &info) == 0);
  CHECK(info.st_size == static_cast<off_t>(seconds * written->rate * 2));
  // The last piece lies where it should: nothing has drifted.
  auto last = plan.placements.back();
  std::ifstream sound{track, std::ios::binary};
  auto level = [&](double at) {
    std::vector<std::int16_t> part(480);
    sound.seekg(
      static_cast<std::streamoff>(std::llround(at * written->rate) * 2));
    sound.read(reinterpret_cast<char*>(part.data()),
               static_cast<std::streamsize>(part.size() * 2));
    return *std::max_element(part.begin(), part.end());
  };
  CHECK(level(last.at - 0.05) == 0);
  CHECK(level(last.at + 0.02) > 5'000);
  CHECK(level(last.at + last.play_seconds - 0.04) > 5'000);
}
