/// Segments that go without their speech: each way in and each way back.
#include "core/job/degrading.hpp"
#include "core/subtitles.hpp"
#include "core/timeline.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;
using test::job_play;
using names = std::vector<std::string>;

namespace {

fault of(fault_code code, std::string message = "it broke") {
  return {code, std::move(message), 0, std::nullopt};
}

/// Twenty segments, at the fan-out's beginning.
job_play play_with(exhausted translate, exhausted tts, double ratio = 0.1) {
  job_play play{{1, 20, "hi"}};
  play.rules.on_exhausted = {{"translate", translate}, {"tts", tts}};
  play.rules.max_degraded_ratio = ratio;
  play.play_until("translate");
  return play;
}

in::gave_up gave_up(const job_play& play, std::string_view stage,
                    std::uint32_t item,
                    fault_code code = fault_code::server_error) {
  return {play.ref(stage, item), 6, of(code)};
}

void answer(job_play& play, std::string_view stage, std::uint32_t item) {
  REQUIRE_FALSE(play.feed(play.answer(play.ref(stage, item))).empty());
}

in::control wish(control_verb what, std::string stage = {}) {
  return {what, std::move(stage), "somebody", "", false};
}

/// Finishes what is left, but for `segment`, whose `stage` gives up.
void finish_but(job_play& play, std::string_view stage, std::uint32_t segment) {
  for (auto work = play.next(); !work.empty(); work = play.next()) {
    auto x = work.front();
    if (x == play.ref(stage, segment))
      play.feed(gave_up(play, stage, segment));
    else
      play.feed(play.answer(x));
    if (!play.state.is_active())
      return;
  }
}

const final_report& debt(const job_play& play) {
  return *play.state.owed;
}

} // namespace

TEST_CASE("degraded: the fault and the policy decide, cell by cell") {
  struct row {
    exhausted policy;
    fault_code code;
    names facts;
  };
  const names failed{"stage.failed", "job.failed", "report.owed"};
  const names parked{"job.parked"};
  const names degraded{"segment.degraded"};
  using c = fault_code;
  using e = exhausted;
  for (auto& x : std::vector<row>{
         {e::park, c::timeout, parked},
         {e::park, c::refused, failed},
         {e::park, c::disk, parked},
         {e::fail, c::timeout, failed},
         {e::fail, c::unreachable, failed},
         {e::fail, c::refused, failed},
         {e::fail, c::disk, parked},
         {e::fail, c::internal, parked},
         {e::keep_original, c::unreachable, degraded},
         {e::keep_original, c::timeout, degraded},
         {e::keep_original, c::busy, degraded},
         {e::keep_original, c::server_error, degraded},
         {e::keep_original, c::bad_answer, degraded},
         {e::keep_original, c::refused, degraded},
         {e::keep_original, c::not_found, degraded},
         {e::keep_original, c::invalid_input, degraded},
         {e::keep_original, c::limit_exceeded, degraded},
         {e::keep_original, c::unsupported, failed},
         {e::keep_original, c::disk, parked},
         {e::keep_original, c::internal, parked},
         {e::silence, c::server_error, degraded},
         {e::silence, c::unsupported, failed},
       }) {
    CAPTURE(to_string(x.policy), to_string(x.code));
    auto play = play_with(x.policy, exhausted::park);
    CHECK(play.names(gave_up(play, "translate", 0, x.code)) == x.facts);
    if (x.facts == degraded)
      CHECK(play.state.degraded.at(0)
            == degradation{"translate",
                           x.policy == e::silence ? stand_in::silence
                                                  : stand_in::original,
                           of(x.code)});
  }
}

TEST_CASE("degraded: `fail` is for every stage, a stand-in for segments only") {
  job_play play{{1, 20, "hi"}};
  play.rules.on_exhausted
    = {{"asr", exhausted::fail}, {"media", exhausted::keep_original}};
  play.play_until("extract");
  CHECK(play.names(gave_up(play, "extract", 0)) == names{"job.parked"});
  play.feed(wish(control_verb::resume));
  play.play_until("asr");
  CHECK(play.names(gave_up(play, "asr", 0, fault_code::unreachable))
        == names{"stage.failed", "job.failed", "report.owed"});
  CHECK(debt(play).activity == "Failed at asr: it broke");
}

TEST_CASE("degraded: without its translation a segment is not spoken either") {
  auto play = play_with(exhausted::keep_original, exhausted::park);
  play.feed(gave_up(play, "translate", 0));
  // The first segment is through: the others follow.
  CHECK(play.next().size() == 19);
  CHECK(play.stage("translate").done == 1);
  CHECK(play.stage("tts").done == 1);
  CHECK(play.feed(play.answer(play.ref("translate", 1))).size() == 1);
  CHECK(play.feed(in::item_done{play.ref("tts", 0), 1, spoken{}}).empty());
  CHECK(play.feed(gave_up(play, "translate", 0)).empty());
}

TEST_CASE("degraded: the last open item degraded ends its stages") {
  auto stage = GENERATE("translate", "tts");
  auto play = play_with(exhausted::keep_original, exhausted::silence);
  for (std::uint32_t i = 0; i < 20; ++i)
    for (auto s : {"translate", "tts"}) {
      if (i == 19 && s == std::string_view{stage})
        break;
      answer(play, s, i);
    }
  CHECK(play.names(gave_up(play, stage, 19))
        == (stage == std::string_view{"tts"}
              ? names{"segment.degraded", "stage.completed", "stage.started"}
              : names{"segment.degraded", "stage.completed", "stage.completed",
                      "stage.started"}));
  CHECK(play.stage("merge").status == stage_status::running);
  CHECK(play.next() == std::vector{play.ref("merge")});
}

TEST_CASE("degraded: all of them, when the ratio allows it") {
  auto play = play_with(exhausted::silence, exhausted::park, 1);
  for (std::uint32_t i = 0; i < 20; ++i)
    play.feed(gave_up(play, "translate", i));
  CHECK(play.stage("merge").status == stage_status::running);
  play.play_until("report");
  CHECK(debt(play).activity
        == "Dubbing complete, 20 of 20 segments are silent");
}

TEST_CASE("degraded: beyond the ratio the job parks and says how many") {
  auto play = play_with(exhausted::keep_original, exhausted::keep_original);
  play.feed(gave_up(play, "translate", 0));
  play.feed(play.answer(play.ref("translate", 5)));
  play.feed(gave_up(play, "tts", 5));
  REQUIRE(play.state.degraded.size() == 2);
  fault last{fault_code::timeout, "no answer in 30 s", 504, {}};
  CHECK(play.names(in::gave_up{play.ref("translate", 7), 6, last})
        == names{"job.parked"});
  auto& error = *play.state.error;
  CHECK(error.why.message
        == "3 of 20 segments could not be dubbed, more than the 10 % that "
           "max_degraded_ratio allows; the last one, segment 7 at translate: "
           "no answer in 30 s");
  CHECK(error.why.code == fault_code::timeout);
  CHECK(error.why.http_status == 504);
  CHECK(error.stage == "translate");
  CHECK(error.item == 7);
  // What else was under way does not degrade a parked job.
  CHECK(play.feed(gave_up(play, "translate", 8)).empty());

  SECTION("a retry makes all of them again, with fresh attempts") {
    auto before = play.stage("translate").done;
    play.feed(wish(control_verb::retry));
    CHECK(play.state.degraded.empty());
    CHECK(play.stage("translate").done == before - 1);
    CHECK(play.stage("tts").done == 0);
    CHECK_FALSE(play.stage("translate").retry_of(0));
    CHECK(play.next() == std::vector{play.ref("translate", 0)}); // the pioneer
    play.play_until("report");
    CHECK(debt(play).activity == "Dubbing complete");
    CHECK(play.state.result);
  }
  SECTION("with a larger ratio it goes on") {
    play.rules.max_degraded_ratio = 0.5;
    play.feed(wish(control_verb::retry));
    for (std::uint32_t i : {0, 7, 8})
      CHECK(play.names(gave_up(play, "translate", i)).front()
            == "segment.degraded");
    play.play_until("report");
    CHECK(debt(play).activity
          == "Dubbing complete, 3 of 20 segments kept the original sound");
  }
}

TEST_CASE("degraded: what is made already is not made again by a retry") {
  auto play = play_with(exhausted::keep_original, exhausted::park);
  finish_but(play, "translate", 3);
  REQUIRE(play.state.owed);
  auto resumed_at = [](const char* stage) {
    auto out = play_with(exhausted::keep_original, exhausted::park);
    out.feed(gave_up(out, "translate", 0));
    out.play_until(stage);
    out.feed(gave_up(out, stage, 0));
    REQUIRE(out.state.row.status == job_status::parked);
    out.feed(wish(control_verb::resume));
    return out;
  };
  // Parked after the merge: only the upload is repeated.
  auto upload = resumed_at("upload");
  CHECK(upload.next() == std::vector{upload.ref("upload")});
  CHECK(upload.state.degraded.size() == 1);

  // Parked at the merge: the segment is tried again first.
  auto merge = resumed_at("merge");
  CHECK(merge.stage("merge").status == stage_status::pending);
  CHECK(merge.next() == std::vector{merge.ref("translate", 0)});
  merge.play_until("report");
  CHECK(debt(merge).activity == "Dubbing complete");
}

TEST_CASE("degraded: a redo makes again what its stage gave up") {
  auto play = play_with(exhausted::keep_original, exhausted::keep_original);
  play.feed(gave_up(play, "translate", 0));
  finish_but(play, "tts", 4);
  REQUIRE(play.state.degraded.size() == 2);
  play.feed(in::told{play.state.debt});
  play.feed(in::delivered{"seen", play.state.debt});
  SECTION("tts: the one that has no translation stays") {
    play.feed(wish(control_verb::redo, "tts"));
    CHECK(play.state.degraded.size() == 1);
    CHECK(play.stage("tts").done == 1);
    play.play_until("report");
    CHECK(debt(play).activity
          == "Dubbing complete, 1 of 20 segments kept the original sound");
  }
  SECTION("translate: all are made again") {
    play.feed(wish(control_verb::redo, "translate"));
    CHECK(play.state.degraded.empty());
    play.play_until("report");
    CHECK(debt(play).activity == "Dubbing complete");
  }
  SECTION("merge and report: nothing is tried again") {
    auto stage = GENERATE("merge", "report");
    play.feed(wish(control_verb::redo, stage));
    play.play_until("report");
    CHECK(debt(play).activity
          == "Dubbing complete, 2 of 20 segments kept the original sound");
  }
}

TEST_CASE("degraded: redo of tts where no segment has a translation") {
  auto play = play_with(exhausted::silence, exhausted::park, 1);
  for (std::uint32_t i = 0; i < 20; ++i)
    play.feed(gave_up(play, "translate", i));
  play.play_until("report");
  play.feed(in::told{play.state.debt});
  CHECK(play.names(wish(control_verb::redo, "tts"))
        == names{"run.started", "stage.started", "stage.completed",
                 "stage.started"});
  CHECK(play.next() == std::vector{play.ref("merge")});
}

TEST_CASE("degraded: the merge gets every segment in its place") {
  auto play = play_with(exhausted::keep_original, exhausted::silence);
  play.feed(gave_up(play, "translate", 0));
  finish_but(play, "tts", 4);
  play.feed(in::told{play.state.debt});
  play.feed(wish(control_verb::redo, "merge"));
  auto order = make_order(play.state, play.ref("merge"));
  auto& in = std::get<merge_input>(order->input);
  REQUIRE(in.pieces.size() == 20);
  CHECK(in.pieces[0].degraded->how == stand_in::original);
  CHECK(in.pieces[0].translation.empty());
  CHECK(in.pieces[4].degraded->how == stand_in::silence);
  CHECK(in.pieces[4].translation == "hi: words at 40");
  CHECK_FALSE(in.pieces[5].degraded);
  CHECK(in.pieces[19].text == "words at 190");

  auto line = plan_timeline(in);
  CHECK(line.outcomes[0].how == fit::kept_original);
  CHECK(line.outcomes[4].how == fit::silent);
  CHECK(line.plan.kept == std::vector<media_span>{{1, 8}});
  CHECK(line.plan.muted == std::vector<media_span>{{41, 48}});
  CHECK(line.plan.placements.size() == 18);
  CHECK(line.plan.placements[3].segment == 5);
}
