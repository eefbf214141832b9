/// What is heard of a dub: where, how loud, and what is not.
#include "clients/media/duck_envelope.hpp"
#include "core/timeline.hpp"
#include "tests/support/media_lab.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <numeric>
#include <random>

using namespace dubber;
using test::media_lab;

namespace {

constexpr int rate = 16'000;
using samples = std::vector<std::int16_t>;

/// RMS of each hundredth of a second.
std::vector<double> envelope(const samples& sound, int of = rate) {
  std::vector<double> out;
  auto frame = static_cast<std::size_t>(of / 100);
  for (std::size_t i = 0; i + frame <= sound.size(); i += frame) {
    double sum = 0;
    for (auto k = i; k < i + frame; ++k)
      sum += static_cast<double>(sound[k]) * sound[k];
    out.push_back(std::sqrt(sum / static_cast<double>(frame)));
  }
  return out;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  auto n = std::min(a.size(), b.size());
  auto mean = [n](auto& x) {
    return std::accumulate(x.begin(), x.begin() + static_cast<long>(n), 0.0)
           / static_cast<double>(n);
  };
  auto ma = mean(a), mb = mean(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < n; ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

/// Something like speech: syllables of uneven length and loudness.
samples babble(double seconds, unsigned seed) {
  std::mt19937 random{seed};
  std::uniform_real_distribution<double> length{0.08, 0.25}, loud{0.05, 0.3};
  samples out;
  while (static_cast<double>(out.size()) < seconds * rate) {
    auto n = static_cast<std::size_t>(length(random) * rate);
    auto level = loud(random) * 32'767;
    for (std::size_t i = 0; i < n; ++i) {
      auto t = static_cast<double>(i) / static_cast<double>(n);
      out.push_back(
        static_cast<std::int16_t>(level * std::sin(3.14159265 * t)
                                  * std::sin(static_cast<double>(i) * 0.11)));
    }
  }
  out.resize(static_cast<std::size_t>(seconds * rate));
  return out;
}

spoken keep(media_lab& lab, const samples& sound) {
  auto file = lab.root.file("spoken.wav");
  REQUIRE(write_wav(file, rate, 1, sound));
  return {*lab.store.store_artifact(file),
          static_cast<double>(sound.size()) / rate, 1};
}

/// Level of the plan's pieces at each hundredth of a second; -1 where nothing
/// is planned.
std::vector<double> planned(const merge_plan& plan,
                            const std::vector<samples>& pieces) {
  std::vector<double> out(static_cast<std::size_t>(plan.seconds * 100), -1);
  for (auto& p : plan.placements) {
    auto levels = envelope(pieces[p.segment]);
    for (auto i = static_cast<std::size_t>(p.at * 100);
         i < std::min(out.size(),
                      static_cast<std::size_t>((p.at + p.play_seconds) * 100));
         ++i) {
      auto inside = (static_cast<double>(i) / 100 - p.at) * p.tempo * 100;
      auto k = static_cast<std::size_t>(std::max(0.0, inside));
      out[i] = k < levels.size() ? levels[k] : 0;
    }
  }
  return out;
}

struct heard {
  double lkfs = 0;
  double true_peak = 0;
};

heard measure(const media_lab& lab, const std::filesystem::path& video) {
  auto said
    = lab.shell(lab.tools.ffmpeg + " -nostdin -i " + media_lab::quoted(video)
                + " -map 0:a:0 -af ebur128=peak=true -f null - 2>&1 | "
                  "tail -n 14");
  auto number = [&](const char* label) {
    auto at = said.rfind(label);
    REQUIRE(at != std::string::npos);
    return std::strtod(said.c_str() + at + std::strlen(label), nullptr);
  };
  return {number("I:"), number("Peak:")};
}

/// A source of `seconds` with a tone of 1 kHz; its loudness by `volume`.
void make_source(const media_lab& lab, double seconds,
                 const std::string& volume = "0dB",
                 const std::string& sound = "-ac 1") {
  auto length = std::to_string(seconds);
  lab.make("film.mkv", "-f lavfi -i testsrc=size=64x48:rate=25:duration="
                         + length + " -f lavfi -i sine=frequency=1000:duration="
                         + length + " -af volume=" + volume + " " + sound
                         + " -c:v libx264 -preset ultrafast -c:a flac");
}

std::filesystem::path dub(media_lab& lab, const merge_input& in) {
  auto made = lab.merge(in);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  return lab.object(std::get<merged>(*made).video.key);
}

} // namespace

TEST_CASE("a dub is its pieces at their planned times, and silent elsewhere") {
  media_lab lab;
  make_source(lab, 40);
  auto in = test::merge_of("film.mkv", 40);
  std::vector<samples> pieces;
  // Room for each: 4 s but for some that must be hurried or cut off.
  const double starts[] = {0.5, 4.5, 8.25, 12.4, 14.1, 20.02, 24, 35};
  const double lengths[] = {2.5, 3, 3.9, 2, 3.3, 5.2, 8, 9};
  for (std::size_t i = 0; i < std::size(starts); ++i) {
    pieces.push_back(babble(lengths[i], static_cast<unsigned>(i) + 1));
    in.pieces.push_back(
      test::piece_of({starts[i], starts[i] + 1}, keep(lab, pieces.back())));
  }
  auto line = plan_timeline(in);
  REQUIRE(line.outcomes[3].how == fit::stretched);
  REQUIRE(line.outcomes[5].how == fit::hurried);
  REQUIRE(line.outcomes[7].how == fit::trimmed);
  auto sound = lab.pcm(dub(lab, in), rate);
  CHECK(static_cast<double>(sound.size()) / rate == Approx(40).margin(0.03));
  auto out = envelope(sound), plan = planned(line.plan, pieces);
  std::vector<double> wanted;
  for (auto level : plan)
    wanted.push_back(std::max(0.0, level));
  CHECK(correlation(out, wanted) > 0.95);
  for (auto& p : line.plan.placements) {
    auto begin = static_cast<long>(p.at * 100);
    auto end = static_cast<long>((p.at + p.play_seconds) * 100);
    INFO("segment " << p.segment);
    CHECK(correlation({out.begin() + begin, out.begin() + end},
                      {wanted.begin() + begin, wanted.begin() + end})
          > 0.9);
  }
  auto loudest = *std::max_element(out.begin(), out.end());
  for (std::size_t i = 2; i + 2 < std::min(out.size(), plan.size()); ++i)
    if (std::all_of(plan.begin() + static_cast<long>(i) - 2,
                    plan.begin() + static_cast<long>(i) + 3,
                    [](double x) { return x < 0; })) {
      INFO("at " << static_cast<double>(i) / 100);
      REQUIRE(out[i] < loudest / 300);
    }
}

TEST_CASE("a dub is -24 LKFS loud and its true peak under -1 dB") {
  media_lab lab;
  make_source(lab, 8);
  samples clicks(rate * 3, 0); // hardly any loudness, full peaks
  for (std::size_t i = 0; i < clicks.size(); ++i)
    clicks[i] = static_cast<std::int16_t>(
      i % 1'600 == 0 ? 32'000 : 800 * std::sin(static_cast<double>(i) * 0.3));
  const std::pair<const char*, spoken> kinds[]
    = {{"quiet", lab.speak(3, 400, 0.004)},
       {"loud", lab.speak(3, 400, 0.99)},
       {"high", lab.speak(3, 11'000, 0.9, 48'000)},
       {"clicks", keep(lab, clicks)}};
  for (auto& [name, speech] : kinds) {
    INFO(name);
    auto in = test::merge_of("film.mkv", 8);
    in.pieces.push_back(test::piece_of({1, 4}, speech));
    auto made = lab.merge(in);
    REQUIRE(made);
    auto& out = std::get<merged>(*made);
    auto seen = measure(lab, lab.object(out.video.key));
    CHECK(seen.lkfs == Approx(-24).margin(3));
    CHECK(seen.true_peak <= -1);
    auto report
      = nlohmann::json::parse(std::ifstream{lab.object(out.report.key)});
    CHECK(report["sound"]["loudness_lkfs"].get<double>()
          == Approx(seen.lkfs).margin(0.5));
  }
}

TEST_CASE("a silent or very short dub is a dub") {
  media_lab lab;
  make_source(lab, 3);
  auto in = test::merge_of("film.mkv", 3);
  auto check = [&](double loudest) {
    auto video = dub(lab, in);
    CHECK(lab.seconds(video) == Approx(3).margin(0.04));
    auto levels = envelope(lab.pcm(video, rate));
    CHECK(*std::max_element(levels.begin(), levels.end()) < loudest);
  };
  check(1); // nothing had room
  in.pieces.push_back(test::piece_of({1, 2}, keep(lab, samples(rate, 0))));
  check(1);
  in.pieces = {test::piece_of({1, 2}, lab.speak(0.12, 400, 0.5))};
  check(32'767);
  in.options.edit().keep_original = true;
  in.pieces = {test::piece_of({1, 2}, keep(lab, samples(rate, 0)))};
  check(32'767);
}

TEST_CASE("the original lies underneath, lower while the dub speaks") {
  media_lab lab;
  for (auto volume : {"-30dB", "-2dB"}) {
    INFO(volume);
    make_source(lab, 16, volume, "-ac 6");
    auto in = test::merge_of("film.mkv", 16);
    in.options.edit().keep_original = true;
    in.pieces.push_back(test::piece_of({4, 8}, lab.speak(4, 200, 0.1)));
    auto video = dub(lab, in);
    CHECK(lab.probe(video, "-select_streams a:0 -show_entries stream=channels")
          == "2\n");
    auto seen = measure(lab, video);
    CHECK(seen.lkfs == Approx(-24).margin(3));
    CHECK(seen.true_peak <= -1);
    auto alone = [&](const char* filter) {
      auto wav = lab.root.file("part.wav");
      lab.shell(lab.tools.ffmpeg + " -nostdin -v error -y -i "
                + media_lab::quoted(video) + " -map 0:a:0 -af " + filter
                + " -ac 1 -ar 16000 " + wav.string());
      return envelope(lab.pcm(wav, rate));
    };
    auto original = alone("highpass=f=700:poles=2,highpass=f=700:poles=2");
    auto between = [&](double from, double to) {
      auto begin = original.begin() + static_cast<long>(from * 100);
      auto end = original.begin() + static_cast<long>(to * 100);
      return std::accumulate(begin, end, 0.0)
             / static_cast<double>(end - begin);
    };
    auto db = 20 * std::log10(between(5, 7) / between(11, 15));
    CHECK(db == Approx(-12).margin(1));
    CHECK(between(1, 3) == Approx(between(11, 15)).epsilon(0.05));
  }
}

TEST_CASE("the bed's level: open, low, and an even way between") {
  merge_plan plan;
  auto& bed = plan.original.emplace();
  bed.gain_db = 0;
  bed.ducked_gain_db = -20;
  bed.ramp_seconds = 1;
  bed.ducks = {{5, 6}, {9, 12}};
  CHECK(original_level(plan, 0) == Approx(1));
  CHECK(original_level(plan, 4) == Approx(1));
  CHECK(original_level(plan, 4.5) == Approx(0.55));
  CHECK(original_level(plan, 5) == Approx(0.1));
  CHECK(original_level(plan, 6) == Approx(0.1));
  CHECK(original_level(plan, 6.25) == Approx(0.325));
  CHECK(original_level(plan, 7.5) == Approx(1));
  CHECK(original_level(plan, 10) == Approx(0.1));
  CHECK(original_level(plan, 20) == Approx(1));
  bed.ramp_seconds = 0;
  CHECK(original_level(plan, 4.99) == Approx(1));
  CHECK(original_level(plan, 5.5) == Approx(0.1));
  bed = {};
  CHECK(original_level(plan, 3) == Approx(1));
}
