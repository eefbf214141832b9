/// Where the time of a segment without speech goes.
#include "core/job/degrading.hpp"
#include "core/subtitles.hpp"
#include "core/timeline.hpp"
#include "tests/support/catch.hpp"

#include <random>

using namespace dubber;

namespace {

merge_piece piece(double start, double end, double speech) {
  merge_piece p;
  p.span = {start, end};
  p.text = "source";
  p.translation = "translation";
  p.speech.seconds = speech;
  return p;
}

merge_piece without(double start, double end, stand_in how) {
  auto p = piece(start, end, 0);
  p.translation.clear();
  p.degraded = degradation{"translate", how, {}};
  return p;
}

timeline plan(double seconds, std::vector<merge_piece> pieces) {
  merge_input in;
  in.seconds = seconds;
  in.pieces = std::move(pieces);
  return plan_timeline(in);
}

constexpr auto kept = stand_in::original;
constexpr auto silent = stand_in::silence;

} // namespace

TEST_CASE("stand-in: speech before it ends where it begins") {
  auto line = plan(20, {piece(0, 2, 6), without(5, 9, kept), piece(9, 10, 1)});
  CHECK(line.outcomes[0].how == fit::stretched);
  CHECK(line.plan.placements[0].play_seconds == Approx(5));
  CHECK(line.plan.kept == std::vector<media_span>{{5, 9}});
  CHECK(line.outcomes[2].at == 9);
  CHECK(line.plan.format == 2);
}

TEST_CASE("stand-in: stretches whose edges would meet are one") {
  auto line = plan(30, {without(0, 2, kept), without(2.05, 4, kept),
                        without(5, 6, kept), without(6, 7, silent),
                        without(7, 8, silent), without(29, 40, silent)});
  CHECK(line.plan.kept == std::vector<media_span>{{0, 4}, {5, 6}});
  CHECK(line.plan.muted == std::vector<media_span>{{6, 8}, {29, 30}});
}

TEST_CASE("stand-in: what has no usable time is left out") {
  auto none = std::numeric_limits<double>::quiet_NaN();
  auto line
    = plan(10, {without(none, 2, kept), without(12, 13, kept), piece(1, 2, 1)});
  CHECK(line.plan.format == 1);
  CHECK(line.plan.kept.empty());
  CHECK(line.outcomes[0].how == fit::left_out);
  CHECK(line.outcomes[1].how == fit::left_out);
}

TEST_CASE("stand-in: whatever is degraded, nothing sounds twice at once") {
  std::mt19937 random{11};
  auto below = [&](unsigned n) {
    return random() % n;
  };
  for (auto round = 0; round < 500; ++round) {
    std::vector<merge_piece> pieces;
    double at = 0;
    for (auto n = below(30); n > 0; --n) {
      at += below(50) / 10.0;
      auto end = at + below(60) / 10.0; // some overlap the next one
      switch (below(4)) {
      case 0:
        pieces.push_back(without(at, end, kept));
        break;
      case 1:
        pieces.push_back(without(at, end, silent));
        break;
      default:
        pieces.push_back(piece(at, end, below(60) / 10.0));
      }
    }
    CAPTURE(round);
    auto line = plan(at + 1, pieces);
    struct stretch {
      media_span span;
      int kind;
    };
    std::vector<stretch> all;
    for (auto& p : line.plan.placements)
      all.push_back({{p.at, p.at + p.play_seconds}, 0});
    for (auto& x : line.plan.kept)
      all.push_back({x, 1});
    for (auto& x : line.plan.muted)
      all.push_back({x, 2});
    for (auto& x : all) {
      REQUIRE(x.span.end > x.span.start);
      REQUIRE(x.span.end <= line.plan.seconds + 1e-6);
    }
    // Stretches of one kind may be joined over what lies between them, which is
    // at most two edges.
    auto joined = 2 * line.plan.edge_seconds;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (auto k = i + 1; k < all.size(); ++k) {
        auto common = std::min(all[i].span.end, all[k].span.end)
                      - std::max(all[i].span.start, all[k].span.start);
        REQUIRE(common <= (all[k].kind == 0 ? 1e-6 : joined + 1e-6));
      }
  }
}

TEST_CASE("stand-in: subtitles show what is heard") {
  auto translated = without(6, 8, silent);
  translated.translation = "translation";
  auto cues
    = make_cues({without(0, 2, kept), without(3, 5, silent), translated}, 10);
  REQUIRE(cues.size() == 2);
  CHECK(cues[0].lines == std::vector<std::string>{"source"});
  CHECK(cues[1].lines == std::vector<std::string>{"translation"});
  CHECK(cues[1].span == media_span{6, 8});
}

TEST_CASE("degraded: the sentence counts each kind") {
  job_state state;
  state.segments = 500;
  CHECK(completion_of(state) == "Dubbing complete");
  state.degraded[7] = {"tts", stand_in::silence, {}};
  CHECK(completion_of(state)
        == "Dubbing complete, 1 of 500 segments is silent");
  for (std::uint32_t i : {1, 2, 3})
    state.degraded[i] = {"translate", stand_in::original, {}};
  CHECK(completion_of(state)
        == "Dubbing complete, 3 of 500 segments kept the original sound, 1 of "
           "500 segments is silent");
}
