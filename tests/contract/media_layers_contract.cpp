/// What is heard beside the speech: formats 2 and 3 of the merge plan.
#include "clients/digest.hpp"
#include "clients/plan_json.hpp"
#include "tests/contract/media_customer.hpp"

namespace dubber::test {

namespace {

constexpr double film_hertz = 440, speech_hertz = 1'000, music_hertz = 2'500;

/// How much there is of one tone between two times (Goertzel).
double level(const samples& sound, double hertz, double from, double to) {
  auto begin = static_cast<std::size_t>(from * 16'000);
  auto end = std::min(sound.size(), static_cast<std::size_t>(to * 16'000));
  auto step = 2 * std::cos(2 * 3.14159265358979 * hertz / 16'000);
  double before = 0, last = 0;
  for (auto i = begin; i < end; ++i) {
    auto next = sound[i] + step * last - before;
    before = last;
    last = next;
  }
  auto power = before * before + last * last - step * before * last;
  return 2 * std::sqrt(std::max(0.0, power))
         / static_cast<double>(end > begin ? end - begin : 1);
}

double db(double ratio) {
  return 20 * std::log10(std::max(ratio, 1e-6));
}

/// A second of speech at 0.5 s; the original by itself, and not at all, later.
merge_plan plan_over(customer& c) {
  merge_plan plan;
  plan.format = 2;
  plan.source_object_key = "film.mp4";
  plan.source_language = "en";
  plan.target_language = "es";
  plan.seconds = 3;
  plan.placements
    = {{0, c.tone("artifacts/tone", speech_hertz), 0.5, 1, 1, 1, 0}};
  plan.kept = {{2, 2.4}};
  plan.edge_seconds = 0.05;
  return plan;
}

samples dubbed(customer& c, const merge_plan& plan) {
  c.put_text(write_plan(plan), "artifacts/plan");
  auto made = c.merge("artifacts/plan", "artifacts/dub.mp4");
  REQUIRE(made);
  return c.listen(c.get(made->key));
}

} // namespace

void promise_layers(const make_bench& make) {
  customer c{make};
  c.make("film.mp4", film);
  auto plan = plan_over(c);
  plan.original = original_bed{-6, -18, 0.1, {{0.5, 1.5}}};
  plan.muted = {{2.6, 2.9}};
  auto sound = dubbed(c, plan);
  auto open = level(sound, film_hertz, 0.1, 0.35);
  CHECK(open > 100);
  auto beside_it = [&](double from, double to) {
    return db(level(sound, film_hertz, from, to) / open);
  };
  CHECK(beside_it(0.75, 1.25) == Approx(-12).margin(2));
  CHECK(beside_it(1.65, 1.9) == Approx(0).margin(1));
  CHECK(beside_it(2.1, 2.3) == Approx(6).margin(1));
  CHECK(beside_it(2.68, 2.82) < -30);
  CHECK(level(sound, speech_hertz, 0.75, 1.25) > open);
  CHECK(level(sound, speech_hertz, 1.65, 1.9) < open / 30);
}

void promise_background(const make_bench& make) {
  customer c{make};
  c.make("film.mp4", film);
  auto plan = plan_over(c);
  plan.format = 3;
  c.make("artifacts/music",
         "-f lavfi -i sine=frequency=2500:duration=3 -f wav");
  auto file = c.get("artifacts/music");
  plan.background = artifact{"artifacts/music", *sha256_file(file),
                             std::filesystem::file_size(file)};
  auto sound = dubbed(c, plan);
  auto music = level(sound, music_hertz, 0.1, 0.4);
  CHECK(music > 100);
  auto beside_it = [&](double hertz, double from, double to) {
    return db(level(sound, hertz, from, to) / music);
  };
  CHECK(beside_it(music_hertz, 0.75, 1.25) == Approx(0).margin(1)); // no ducks
  CHECK(beside_it(music_hertz, 2.1, 2.3) < -30);
  CHECK(beside_it(film_hertz, 2.1, 2.3) > -10);
  CHECK(beside_it(film_hertz, 0.75, 1.25) < -30);
  CHECK(beside_it(film_hertz, 2.5, 2.9) < -30);
}

} // namespace dubber::test
