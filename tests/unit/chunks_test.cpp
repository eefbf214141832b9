#include "core/chunks.hpp"

#include "tests/support/catch.hpp"

#include <cmath>
#include <limits>
#include <random>

using namespace dubber;

namespace {

constexpr double frame = 0.02;

std::vector<float> loud(double seconds) {
  return std::vector<float>(static_cast<std::size_t>(seconds / frame), -20.f);
}

void silence(std::vector<float>& env, double from, double to) {
  for (auto i = static_cast<std::size_t>(from / frame);
       i < static_cast<std::size_t>(to / frame); ++i)
    env[i] = -70;
}

void check_chunks(const std::vector<media_span>& chunks, double seconds) {
  const chunk_rules rules;
  REQUIRE(!chunks.empty());
  REQUIRE(chunks.front().start == 0);
  REQUIRE(chunks.back().end == seconds);
  for (std::size_t i = 1; i < chunks.size(); ++i)
    REQUIRE(chunks[i].start == chunks[i - 1].end);
  if (chunks.size() > 1)
    for (auto& c : chunks) {
      REQUIRE(c.length() >= rules.min_chunk - frame);
      REQUIRE(c.length() <= rules.max_chunk + frame);
    }
}

} // namespace

TEST_CASE("up to ten minutes are one chunk") {
  for (auto seconds : {0.01, 60.0, 600.0}) {
    auto chunks = cut_chunks(loud(seconds), seconds);
    REQUIRE(chunks);
    CHECK(*chunks == std::vector<media_span>{{0, seconds}});
  }
}

TEST_CASE("limits and rubbish") {
  constexpr auto no_number = std::numeric_limits<double>::quiet_NaN();
  CHECK(cut_chunks({}, 12 * 3600 + 1).error().code
        == fault_code::limit_exceeded);
  CHECK(cut_chunks({}, 0).error().code == fault_code::invalid_input);
  CHECK(cut_chunks({}, no_number).error().code == fault_code::invalid_input);
  auto blind = cut_chunks({}, 12 * 3600); // no envelope: cut at the target
  REQUIRE(blind);
  check_chunks(*blind, 12 * 3600);
}

TEST_CASE("the cut is in the middle of the silence near the target") {
  auto env = loud(700);
  for (double at = 5; at < 700; at += 10)
    silence(env, at, at + 0.1); // too short for a cut, but makes a contrast
  for (double at = 100; at < 700; at += 7)
    silence(env, at, at + 0.15);
  silence(env, 290, 291);
  silence(env, 200, 200.4);
  for (double at = 640; at < 700; at += 2)
    silence(env, at, at + 1); // so that the 5th percentile is silence
  auto chunks = cut_chunks(env, 700);
  REQUIRE(chunks);
  check_chunks(*chunks, 700);
  REQUIRE(chunks->size() == 2);
  CHECK((*chunks)[0].end == Approx(290.5).margin(0.05));
}

TEST_CASE("without a silence the quietest frame is cut") {
  auto env = loud(700);
  env[static_cast<std::size_t>(333 / frame)] = -25;
  auto chunks = cut_chunks(env, 700);
  REQUIRE(chunks);
  check_chunks(*chunks, 700);
  CHECK((*chunks)[0].end == Approx(333).margin(0.03));
}

TEST_CASE("chunks cover everything, whatever the envelope") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random{seed};
    std::uniform_real_distribution<double> length{601, 8000};
    std::uniform_real_distribution<float> db{-90, 0};
    auto seconds = length(random);
    auto env = loud(seconds);
    for (auto& x : env)
      x = db(random);
    env[7] = std::numeric_limits<float>::quiet_NaN();
    env[9] = -std::numeric_limits<float>::infinity();
    if (seed % 3 == 0)
      env.resize(env.size() / 2); // an envelope that ends early
    auto chunks = cut_chunks(env, seconds);
    REQUIRE(chunks);
    check_chunks(*chunks, seconds);
  }
}

TEST_CASE("the envelope does not depend on how the sound is cut into blocks") {
  std::vector<std::int16_t> sound(16'000);
  for (std::size_t i = 0; i < sound.size(); ++i)
    sound[i] = i < 8000 ? std::int16_t{0} : std::int16_t{16'384};
  energy_envelope whole{16'000, frame};
  whole.add(sound);
  whole.finish();
  energy_envelope parts{16'000, frame};
  std::span<const std::int16_t> rest{sound};
  while (!rest.empty()) {
    auto n = std::min<std::size_t>(rest.size(), 77);
    parts.add(rest.first(n));
    rest = rest.subspan(n);
  }
  parts.finish();
  REQUIRE(whole.frames().size() == 50);
  CHECK(std::equal(whole.frames().begin(), whole.frames().end(),
                   parts.frames().begin(), parts.frames().end()));
  CHECK(whole.frames()[0] == quietest_db);
  CHECK(whole.frames()[49] == Approx(-6.02).margin(0.01));
}

TEST_CASE("silences to cut at are kept, ten seconds apart") {
  auto sound = loud(120);
  for (auto at : {12.0, 13.5, 31.0, 62.0, 117.0})
    silence(sound, at, at + 0.4);
  silence(sound, 80, 80.1); // a breath
  silence(sound, 100, 107);
  auto cuts = find_cuts(sound, 120);
  REQUIRE(cuts.size() == 4);
  CHECK((cuts[0] == Approx(12.2) || cuts[0] == Approx(13.7)));
  CHECK(cuts[1] == Approx(31.2));
  CHECK(cuts[2] == Approx(62.2));
  CHECK(cuts[3] > 100);
  CHECK(cuts[3] < 107);
  CHECK(find_cuts(loud(120), 120).empty());
  CHECK(find_cuts({}, 120).empty());
  CHECK(find_cuts(sound, 9).empty());
}

TEST_CASE("silences to cut at: few enough for the journal, whatever is heard") {
  std::mt19937 random{5};
  std::uniform_real_distribution<float> level{-90, 0};
  for (auto seconds : {30.0, 1'234.5, 12 * 3'600.0}) {
    std::vector<float> sound(static_cast<std::size_t>(seconds / frame));
    for (std::size_t i = 0; i < sound.size();) {
      auto db = level(random);
      for (auto n = random() % 40; n > 0 && i < sound.size(); --n)
        sound[i++] = db;
    }
    auto cuts = find_cuts(sound, seconds);
    CHECK(static_cast<double>(cuts.size()) > seconds / 60);
    double before = -5;
    for (auto at : cuts) {
      REQUIRE(at >= before + 10 - 1e-6);
      REQUIRE(at <= seconds - 5 + 1e-6);
      before = at;
    }
  }
}
