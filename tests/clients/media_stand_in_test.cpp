/// Segments that go without their speech: what is heard there instead.
#include "clients/dub_report.hpp"
#include "clients/media/duck_envelope.hpp"
#include "tests/support/media_lab.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

using namespace dubber;
using test::media_lab;

namespace {

constexpr int rate = 16'000;
using samples = std::vector<std::int16_t>;

samples part(const samples& sound, double from, double to) {
  auto at = [&](double seconds) {
    return sound.begin() + static_cast<long>(seconds * rate);
  };
  return {at(from), at(to)};
}

/// How alike two sounds are, sample by sample, -1 to 1; whatever their levels,
/// and shifted by up to 4 ms.
double likeness(const samples& a, const samples& b) {
  constexpr long most_lag = 64;
  double best = -1;
  for (auto lag = -most_lag; lag <= most_lag; ++lag) {
    double ab = 0, aa = 0, bb = 0;
    for (auto i = most_lag; i + most_lag < std::ssize(a); ++i) {
      double x = a[static_cast<std::size_t>(i)];
      double y = b[static_cast<std::size_t>(i + lag)];
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    if (aa > 0 && bb > 0)
      best = std::max(best, ab / std::sqrt(aa * bb));
  }
  return best;
}

int loudest(const samples& sound) {
  int most = 0;
  for (int x : sound)
    most = std::max(most, std::abs(x));
  return most;
}

/// The largest step between two samples: what a click is.
int steepest(const samples& sound) {
  int most = 0;
  for (std::size_t i = 1; i < sound.size(); ++i)
    most = std::max(most, std::abs(sound[i] - sound[i - 1]));
  return most;
}

/// Noise that never repeats, so that every moment can be told from another.
void make_source(const media_lab& lab) {
  lab.make("film.mkv",
           "-f lavfi -i testsrc=size=64x48:rate=25:duration=16 -f lavfi -i "
           "anoisesrc=color=brown:seed=7:amplitude=0.3:sample_rate=48000:"
           "duration=16 -c:v libx264 -preset ultrafast -c:a flac");
}

merge_piece without(media_span span, stand_in how,
                    std::string translation = {}) {
  merge_piece p;
  p.span = span;
  p.text = "what was said";
  p.translation = std::move(translation);
  p.degraded = degradation{
    "tts", how, {fault_code::server_error, "the voice <broke>", 500, {}}};
  return p;
}

/// Spoken, kept, silent, spoken, and nothing from 13 s on.
merge_input dub_of(media_lab& lab) {
  auto in = test::merge_of("film.mkv", 16);
  in.pieces
    = {test::piece_of({1, 3}, lab.speak(2, 200)),
       without({4, 6}, stand_in::original), without({7, 9}, stand_in::silence),
       test::piece_of({10, 12}, lab.speak(2, 200))};
  return in;
}

} // namespace

TEST_CASE("a degraded segment has the original's sound, or none") {
  auto with_bed = GENERATE(false, true);
  CAPTURE(with_bed);
  media_lab lab;
  make_source(lab);
  auto in = dub_of(lab);
  in.options.edit().keep_original = with_bed;
  auto made = lab.merge(in);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  auto source = lab.pcm(lab.object("film.mkv"), rate);
  auto dub = lab.pcm(lab.object(std::get<merged>(*made).video.key), rate);
  auto alike = [&](double from, double to) {
    return likeness(part(dub, from, to), part(source, from, to));
  };
  CHECK(alike(4.05, 5.95) > 0.97);
  CHECK(loudest(part(dub, 7.02, 8.98)) <= 4);
  CHECK(alike(1.1, 2.9) < 0.5); // the dub speaks
  CHECK(alike(10.1, 11.9) < 0.5);
  if (with_bed) {
    CHECK(alike(13, 15.5) > 0.97);
    // As loud as the dub, where it is kept; the bed is lower.
    CHECK(loudest(part(dub, 4.05, 5.95)) > loudest(part(dub, 13, 15.5)));
  } else {
    CHECK(loudest(part(dub, 13, 15.5)) <= 4);
    CHECK(loudest(part(dub, 3.2, 3.9)) <= 4);
    CHECK(loudest(part(dub, 6.1, 6.9)) <= 4);
  }
  // It comes and goes without a click.
  auto usual = steepest(part(dub, 4.2, 5.8));
  CHECK(steepest(part(dub, 3.9, 4.1)) <= usual);
  CHECK(steepest(part(dub, 5.9, 6.1)) <= usual);
  CHECK(lab.scratch_empties());
}

TEST_CASE("a film of degraded segments only is the film's own sound") {
  media_lab lab;
  make_source(lab);
  auto in = test::merge_of("film.mkv", 16);
  in.pieces = {without({0, 8}, stand_in::original),
               without({8.02, 16}, stand_in::original)};
  auto made = lab.merge(in);
  REQUIRE(made);
  auto source = lab.pcm(lab.object("film.mkv"), rate);
  auto dub = lab.pcm(lab.object(std::get<merged>(*made).video.key), rate);
  CHECK(likeness(part(dub, 0.5, 15.5), part(source, 0.5, 15.5)) > 0.97);
}

TEST_CASE("the level of the original: kept, silent, and the edges between") {
  merge_plan plan;
  plan.seconds = 20;
  plan.edge_seconds = 1;
  CHECK_FALSE(original_sounds(plan));
  plan.kept = {{4, 6}};
  plan.muted = {{10, 12}};
  CHECK(original_sounds(plan));
  CHECK(original_top_db(plan) == 0);
  CHECK(original_level(plan, 2) == 0);
  CHECK(original_level(plan, 3.5) == Approx(0.5));
  CHECK(original_level(plan, 5) == 1);
  CHECK(original_level(plan, 6.25) == Approx(0.75));
  auto& bed = plan.original.emplace();
  bed.gain_db = -20;
  bed.ducked_gain_db = -40;
  CHECK(original_top_db(plan) == 0);
  CHECK(original_level(plan, 2) == Approx(0.1));
  CHECK(original_level(plan, 3.5) == Approx(0.55));
  CHECK(original_level(plan, 5) == 1);
  CHECK(original_level(plan, 9.5) == Approx(0.05));
  CHECK(original_level(plan, 11) == 0);
  plan.kept.clear();
  CHECK(original_top_db(plan) == -20);
  CHECK(original_level(plan, 2) == Approx(1));
}

TEST_CASE("the report names every degraded segment and why") {
  using nlohmann::json;
  media_lab lab;
  make_source(lab);
  auto in = dub_of(lab);
  in.pieces[2].translation = "lo que se dijo";
  auto made = lab.merge(in);
  REQUIRE(made);
  auto text = [&](const artifact& what) {
    std::ifstream file{lab.object(what.key)};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
  };
  auto& out = std::get<merged>(*made);
  auto report = json::parse(text(out.report));
  CHECK(report["summary"]["kept_original"] == 1);
  CHECK(report["summary"]["silent"] == 1);
  CHECK(report["summary"]["segments"] == 4);
  auto& kept = report["segments"][1];
  CHECK(kept["n"] == 1);
  CHECK(kept["outcome"] == "kept_original");
  CHECK(kept["speech_seconds"].is_null());
  CHECK(kept["degraded"]
        == json({{"stage", "tts"},
                 {"how", "keep_original"},
                 {"code", "server_error"},
                 {"message", "the voice <broke>"}}));
  CHECK(report["segments"][2]["degraded"]["how"] == "silence");
  CHECK(report["segments"][0]["degraded"].is_null());
  auto notes = report["notes"].dump();
  CHECK(notes.find("1 segment could not be dubbed and keeps the original sound")
        != std::string::npos);
  CHECK(notes.find("1 segment could not be dubbed and is silent")
        != std::string::npos);
  auto page = report_page(report);
  CHECK(page.find("kept original: tts, the voice &lt;broke&gt;")
        != std::string::npos);
  // Where the original speaks its text is shown; a translation always.
  auto srt = text(out.srt);
  CHECK(srt.find("00:00:04,000 --> 00:00:06,000\nwhat was said\n")
        != std::string::npos);
  CHECK(srt.find("00:00:07,000 --> 00:00:09,000\nlo que se dijo\n")
        != std::string::npos);
}
