#include "core/timeline.hpp"

#include "tests/support/catch.hpp"

#include <cmath>
#include <limits>
#include <random>

using namespace dubber;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double eps = 1e-6;

merge_piece piece(double start, double end, double speech) {
  merge_piece p;
  p.span = {start, end};
  p.speech.seconds = speech;
  p.speech.audio.key = "a" + std::to_string(start);
  return p;
}

merge_input input(double seconds, std::vector<merge_piece> pieces) {
  merge_input in;
  in.seconds = seconds;
  in.pieces = std::move(pieces);
  return in;
}

/// What holds for every plan, whatever came in.
void check_plan(const merge_input& in, const timeline& t) {
  const fit_rules rules;
  REQUIRE(t.outcomes.size() == in.pieces.size());
  double before = 0;
  std::size_t left_out = 0;
  for (auto& o : t.outcomes)
    left_out += o.how == fit::left_out;
  REQUIRE(t.plan.placements.size() + left_out == in.pieces.size());
  for (auto& p : t.plan.placements) {
    auto& o = t.outcomes[p.segment];
    REQUIRE(p.at >= before - eps);
    before = p.at + p.play_seconds;
    REQUIRE(before <= t.plan.seconds + eps);
    REQUIRE(p.tempo >= 1);
    REQUIRE(p.tempo <= rules.hard_tempo);
    REQUIRE(p.at == o.at);
    REQUIRE(std::max(0.0, in.pieces[p.segment].span.start) <= p.at);
    // All of the speech is played or named as cut off.
    REQUIRE(p.play_seconds + o.trimmed_by
            == Approx(p.natural_seconds / p.tempo).margin(eps));
    REQUIRE((o.trimmed_by > 0) == (o.how == fit::trimmed));
    REQUIRE((p.fade_out_seconds > 0) == (o.how == fit::trimmed));
  }
}

/// Where segments do not overlap: nothing is played faster than it has to be,
/// and nothing is cut off or left out that had room.
void check_no_haste(const merge_input& in, const timeline& t) {
  const fit_rules rules;
  for (std::size_t i = 0; i < in.pieces.size(); ++i) {
    auto& o = t.outcomes[i];
    auto end
      = i + 1 < in.pieces.size() ? in.pieces[i + 1].span.start : t.plan.seconds;
    auto room = end - in.pieces[i].span.start;
    auto speech = in.pieces[i].speech.seconds;
    REQUIRE((o.how == fit::left_out) == (room < rules.min_room - eps));
    if (o.how == fit::left_out)
      continue;
    REQUIRE(o.at == in.pieces[i].span.start);
    REQUIRE((o.how == fit::natural) == (speech <= room));
    REQUIRE((o.how == fit::trimmed) == (speech > rules.hard_tempo * room));
    if (o.how == fit::stretched || o.how == fit::hurried)
      REQUIRE(speech / o.tempo == Approx(room).epsilon(1e-4));
    REQUIRE((o.tempo > rules.soft_tempo)
            == (o.how == fit::hurried || o.how == fit::trimmed));
  }
}

} // namespace

TEST_CASE("speech that fits is played as it is, at its segment's start") {
  auto in = input(10, {piece(1, 2, 1.5), piece(4, 6, 2)});
  auto t = plan_timeline(in);
  check_plan(in, t);
  CHECK(t.outcomes[0] == segment_outcome{fit::natural, 1, 1, 0, 0});
  CHECK(t.outcomes[1] == segment_outcome{fit::natural, 4, 1, 0, 0});
}

TEST_CASE("the ladder: stretched, hurried, trimmed") {
  auto of = [](double speech) {
    auto in = input(10, {piece(0, 1, speech), piece(2, 3, 1)});
    auto t = plan_timeline(in);
    check_plan(in, t);
    CHECK(t.outcomes[1].shifted_by == 0);
    return t.outcomes[0];
  };
  CHECK(of(2.0).how == fit::natural);
  CHECK(of(2.2).how == fit::stretched);
  CHECK(of(2.2).tempo == Approx(1.1));
  CHECK(of(2.4).how == fit::stretched);
  CHECK(of(2.6).how == fit::hurried);
  CHECK(of(2.8).how == fit::hurried);
  CHECK(of(4.2).how == fit::trimmed);
  CHECK(of(4.2).trimmed_by == Approx(1.0));
}

TEST_CASE("nothing sounds beyond the end of the source") {
  auto in = input(5, {piece(4, 5, 3), piece(5, 6, 1), piece(7, 8, 1)});
  auto t = plan_timeline(in);
  check_plan(in, t);
  CHECK(t.outcomes[0].how == fit::trimmed);
  CHECK(t.outcomes[1].how == fit::left_out);
  CHECK(t.outcomes[2].how == fit::left_out);
}

TEST_CASE("the least room is enough, whatever the rounding") {
  std::vector<merge_piece> pieces;
  for (int i = 0; i < 20; ++i)
    pieces.push_back(piece(i * 0.1, i * 0.1 + 0.09, 0.08));
  auto in = input(2, std::move(pieces));
  auto t = plan_timeline(in);
  check_plan(in, t);
  CHECK(t.plan.placements.size() == 20);
}

TEST_CASE("where segments overlap, the later one starts later") {
  auto in = input(20, {piece(0, 5, 5), piece(4, 8, 3), piece(10, 11, 1)});
  auto t = plan_timeline(in);
  check_plan(in, t);
  CHECK(t.outcomes[1].at == Approx(5));
  CHECK(t.outcomes[1].shifted_by == Approx(1));
  CHECK(t.outcomes[2].shifted_by == 0);
}

TEST_CASE("unusable pieces are left out, the others stay") {
  auto in = input(10, {piece(no_number, 1, 1), piece(1, no_number, 1),
                       piece(2, 3, no_number), piece(3, 4, 0), piece(4, 5, -1),
                       piece(-1, 1, 1), piece(6, 7, 1)});
  auto t = plan_timeline(in);
  check_plan(in, t);
  CHECK(t.plan.placements.size() == 2);
  CHECK(t.outcomes[5].at == 0);
  auto bad = input(no_number, {piece(0, 1, 1)});
  CHECK(plan_timeline(bad).plan.placements.empty());
}

TEST_CASE("three hours of segments do not drift") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random{seed};
    std::uniform_real_distribution<double> length{0.5, 8}, pause{0, 2},
      speech{0.3, 14};
    std::vector<merge_piece> pieces;
    for (double at = 0; at < 3 * 3600;) {
      auto end = at + length(random);
      pieces.push_back(piece(at, end, speech(random)));
      at = end + pause(random);
    }
    REQUIRE(pieces.size() > 1500);
    auto in = input(3 * 3600, std::move(pieces));
    auto t = plan_timeline(in);
    check_plan(in, t);
    for (auto& o : t.outcomes)
      if (o.how != fit::left_out)
        REQUIRE(o.shifted_by <= 0.08);
    check_no_haste(in, t);
    REQUIRE(plan_timeline(in).plan == t.plan);
  }
}

TEST_CASE("the original lies low wherever the dub speaks, and not in pauses") {
  auto in = input(60, {piece(1, 3, 2), piece(4, 6, 2), piece(20, 22, 2)});
  CHECK_FALSE(plan_timeline(in).plan.original);
  in.options.edit().keep_original = true;
  auto bed = plan_timeline(in).plan.original;
  REQUIRE(bed);
  CHECK(bed->ducks == std::vector<media_span>{{1, 6}, {20, 22}});
  CHECK(bed->gain_db > bed->ducked_gain_db);
  CHECK(fit_rules{}.duck_join > 2 * bed->ramp_seconds);
}

TEST_CASE("overlapping segments shift, but never by more than the rule") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random{seed};
    std::uniform_real_distribution<double> start{-5, 650}, length{0, 12};
    std::vector<merge_piece> pieces;
    for (int i = 0; i < 200; ++i) {
      auto at = start(random);
      pieces.push_back(piece(at, at + length(random), length(random)));
    }
    auto in = input(600, std::move(pieces));
    auto t = plan_timeline(in);
    check_plan(in, t);
    for (auto& p : t.plan.placements)
      REQUIRE(p.at - std::max(0.0, in.pieces[p.segment].span.start)
              <= fit_rules{}.max_shift + eps);
  }
}
