/// Chunks of sound that ASR fails at are cut in two.
#include "core/job/halving.hpp"
#include "core/job/progress.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

#include <algorithm>
#include <random>

using namespace dubber;
using test::job_play;
using names = std::vector<std::string>;

namespace {

fault of(fault_code code, int status = 0) {
  return {code, "it broke", status, std::nullopt};
}

/// A whole sound of `tens` times ten seconds, at asr.
job_play at_asr(std::uint32_t tens, std::uint32_t chunks = 1) {
  job_play play{{chunks, tens, "hi"}};
  play.play_until("asr");
  return play;
}

names give_up(job_play& play, std::uint32_t item,
              fault why = of(fault_code::server_error)) {
  return play.names(in::gave_up{play.ref("asr", item), 2, std::move(why)});
}

const transcribe_input& input(const job_play& play, std::uint32_t item) {
  static std::shared_ptr<const work_order> last;
  last = make_order(play.state, play.ref("asr", item));
  return std::get<transcribe_input>(last->input);
}

/// What is left to hear, in the order of time.
std::vector<media_span> parts(const job_play& play) {
  std::vector<media_span> out;
  for (auto& x : play.state.spans)
    if (x.length() > 0)
      out.push_back(x);
  std::sort(out.begin(), out.end(),
            [](auto& a, auto& b) { return a.start < b.start; });
  return out;
}

void check_gapless(const job_play& play, double seconds) {
  auto all = parts(play);
  REQUIRE(all.front().start == 0);
  REQUIRE(all.back().end == seconds);
  for (std::size_t i = 1; i < all.size(); ++i)
    REQUIRE(all[i].start == all[i - 1].end);
  REQUIRE(play.state.spans.size() == play.stage("asr").items.size());
  if (play.stage("asr").status == stage_status::running)
    REQUIRE(play.state.chunks.size() == play.state.spans.size());
}

} // namespace

TEST_CASE("halving: which faults may be due to the length, cell by cell") {
  using c = fault_code;
  struct row {
    fault why;
    names facts;
  };
  const names halved{"chunk.halved"};
  const names parked{"job.parked"};
  const names failed{"stage.failed", "job.failed", "report.owed"};
  for (auto& x : std::vector<row>{{of(c::timeout), halved},
                                  {of(c::server_error, 500), halved},
                                  {of(c::bad_answer), halved},
                                  {of(c::limit_exceeded), halved},
                                  {of(c::refused, 413), halved},
                                  {of(c::refused, 400), failed},
                                  {of(c::unsupported, 422), failed},
                                  {of(c::invalid_input), failed},
                                  {of(c::not_found, 404), failed},
                                  {of(c::unreachable), parked},
                                  {of(c::busy, 503), parked},
                                  {of(c::disk), parked},
                                  {of(c::internal), parked}}) {
    CAPTURE(to_string(x.why.code), x.why.http_status);
    auto play = at_asr(4);
    CHECK(give_up(play, 0, x.why) == x.facts);
  }
}

TEST_CASE("halving: two new items instead of the one, with fresh attempts") {
  auto play = at_asr(6);
  auto asr = play.ref("asr");
  CHECK(input(play, 0).whole);
  play.feed(in::attempt_failed{asr, 1, of(fault_code::server_error), ms{0}});
  CHECK(give_up(play, 0) == names{"chunk.halved"});
  CHECK(play.next() == std::vector{play.ref("asr", 1), play.ref("asr", 2)});
  CHECK_FALSE(play.stage("asr").retry_of(0));
  CHECK(input(play, 1).chunk == media_span{0, 30});
  CHECK_FALSE(input(play, 1).whole);
  CHECK(input(play, 2).chunk == media_span{30, 60});
  // What comes late of the old item means nothing any more.
  CHECK(give_up(play, 0).empty());
  CHECK(play.feed(in::item_done{asr, 1, transcript{}}).empty());

  // Each is halved on its own.
  CHECK(give_up(play, 2) == names{"chunk.halved"});
  CHECK(parts(play) == std::vector<media_span>{{0, 30}, {30, 45}, {45, 60}});
  CHECK(play.feed(play.answer(play.ref("asr", 4))).size() == 1);
  CHECK(play.feed(play.answer(play.ref("asr", 1))).size() == 1);
  CHECK(play.names(play.answer(play.ref("asr", 3)))
        == names{"chunk.transcribed", "stage.completed", "stage.started",
                 "stage.started"});
  auto& heard = play.state.speech->segments;
  CHECK(std::is_sorted(heard.begin(), heard.end(), [](auto& a, auto& b) {
    return a.span.start < b.span.start;
  }));
  CHECK(heard.size() == 5); // three, and one in each of the two shorter parts
  play.play_until("report");
  CHECK(play.state.owed->status == "COMPLETED");
}

TEST_CASE("halving: short chunks are not cut, the policy decides") {
  auto play = at_asr(3);
  CHECK(give_up(play, 0) == names{"chunk.halved"});
  CHECK(parts(play) == std::vector<media_span>{{0, 15}, {15, 30}});
  CHECK(give_up(play, 2) == names{"job.parked"});
  CHECK(play.state.error->item == 2);
  // Nothing is cut for a parked job that would not be cut for a running one.
  CHECK(give_up(play, 1).empty());
  play.feed(in::control{control_verb::retry, {}, "somebody", "", false});
  CHECK(play.next().size() == 2);
  play.play_until("report");
  CHECK(play.state.owed->status == "COMPLETED");
}

TEST_CASE("halving: at the silence nearest the middle, in the middle half") {
  auto cut = [](std::vector<double> cuts) {
    auto play = at_asr(8);
    play.state.media->cuts = std::move(cuts);
    return *where_to_halve(play.state, play.ref("asr"),
                           of(fault_code::timeout));
  };
  CHECK(cut({}) == 40);
  CHECK(cut({12, 31, 47.5, 66}) == 47.5);
  CHECK(cut({19.9, 60.1}) == 40);
  CHECK(cut({20}) == 20);
}

TEST_CASE("halving: a redo of asr begins with the chunks as they were cut") {
  auto play = at_asr(8, 2);
  give_up(play, 1);
  play.play_until("translate");
  CHECK(play.stage("asr").items.size() == 4);
  play.play_until("report");
  play.feed(in::told{play.state.debt});
  play.feed(in::control{control_verb::redo, "asr", "somebody", "", false});
  CHECK(play.stage("asr").items.size() == 2);
  CHECK(input(play, 1).chunk == media_span{40, 80});
}

TEST_CASE(
  "halving: again and again, nothing is lost and progress never falls") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto below = [&](std::uint64_t n) {
      return random() % n;
    };
    auto tens = static_cast<std::uint32_t>(2 + below(60));
    auto play = at_asr(tens, static_cast<std::uint32_t>(1 + below(2)));
    for (auto at = below(15); at < tens * 10; at += 10 + below(15))
      play.state.media->cuts.push_back(static_cast<double>(at));
    auto progress = progress_of(play.state);
    for (auto open = play.next();
         play.stage("asr").status == stage_status::running && !open.empty();
         open = play.next()) {
      auto work = open[below(open.size())];
      auto length = input(play, work.item).chunk.length();
      if (length >= least_halved_seconds && below(3) != 0)
        REQUIRE(give_up(play, work.item) == names{"chunk.halved"});
      else
        REQUIRE_FALSE(play.feed(play.answer(work)).empty());
      for (auto& part : parts(play))
        REQUIRE(part.length() >= least_halved_seconds / 4);
      check_gapless(play, 10.0 * tens);
      REQUIRE(progress_of(play.state) >= progress);
      progress = progress_of(play.state);
      if (!play.state.is_active())
        break; // parts too short for this ASR to hear anything
    }
    // The journal alone gives the same, but for the cuts put in by hand.
    auto again = test::fold(play.history);
    if (again.media)
      again.media->cuts = play.state.media->cuts;
    REQUIRE(again == play.state);
  }
}
