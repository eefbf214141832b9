/// The transitions of the job machine's diagram, and what does not fit.
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;
using test::job_play;
using names = std::vector<std::string>;

namespace {

fault of(fault_code code, std::string message = "it failed") {
  return {code, std::move(message), 0, std::nullopt};
}

job_play at_stage(std::string_view stage) {
  job_play play;
  play.play_until(stage);
  return play;
}

const final_report& debt(const std::vector<event>& facts) {
  return std::get<ev::report_owed>(facts.back().body).report;
}

} // namespace

TEST_CASE("job: none -> running by accept, and only once") {
  job_play play;
  CHECK(play.names(in::accept{7, 1, "", 3, "http", "trace"})
        == names{"job.accepted", "stage.started"});
  CHECK(play.state.row.status == job_status::running);
  CHECK(play.state.row.job_id == 7);
  CHECK(play.state.row.created_at == play.history.front().at);
  CHECK(play.state.traceparent == "trace");
  CHECK(play.feed(in::accept{7, 1, "", 0, "amqp", ""}).empty());
}

TEST_CASE("job: running -> rejected when the gateway has no such job") {
  job_play play;
  play.accept();
  CHECK(play.names(
          in::gave_up{play.ref("fetch"), 1, of(fault_code::not_found, "no 7")})
        == names{"job.rejected"});
  CHECK(play.state.row.status == job_status::rejected);
  CHECK(play.state.error->why.message == "no 7");
  CHECK_FALSE(play.state.owed);
  CHECK(play.next().empty());
}

TEST_CASE("job: one result ends its stage and starts the next in one append") {
  job_play play;
  play.accept();
  CHECK(play.names(play.answer(play.ref("fetch")))
        == names{"stage.completed", "stage.started"});
  CHECK(play.state.row.source_object_key == "1_film 7.mp4");
  CHECK(play.state.row.target_language == "hi");
  CHECK(play.stage("fetch").status == stage_status::done);
  CHECK(play.stage("extract").status == stage_status::running);
  CHECK(play.stage("asr").status == stage_status::pending);
}

TEST_CASE("job: after asr both stages over segments start, each as long") {
  auto play = at_stage("asr");
  CHECK(play.names(play.answer(play.ref("asr")))
        == names{"chunk.transcribed", "stage.completed", "stage.started",
                 "stage.started"});
  CHECK(play.stage("translate").items.size() == 3);
  CHECK(play.stage("tts").items.size() == 3);
  REQUIRE(play.state.speech);
  CHECK(play.state.speech->segments.size() == 3);
  CHECK(play.state.chunks.empty());
}

TEST_CASE(
  "job: an item of several is recorded alone, the last ends the stage") {
  job_play play{{2, 4, "hi"}};
  play.play_until("asr");
  CHECK(play.names(play.answer(play.ref("asr", 1)))
        == names{"chunk.transcribed"});
  CHECK(play.names(play.answer(play.ref("asr", 0))).size() == 4);
  CHECK(play.state.speech->segments.size() == 4);
}

TEST_CASE("job: nothing said in the whole source fails it at asr") {
  auto play = at_stage("asr");
  auto facts = play.feed(in::item_done{play.ref("asr"), 1, transcript{}});
  CHECK(play.state.row.status == job_status::failed);
  CHECK(play.state.error->why.code == fault_code::no_speech);
  CHECK(debt(facts).status == "FAILED");
}

TEST_CASE("job: running -> completed when the gateway was told") {
  auto play = at_stage("upload");
  auto facts = play.feed(play.answer(play.ref("upload")));
  REQUIRE(facts.size() == 3);
  CHECK(type_name(facts[0].body) == "stage.completed");
  CHECK(std::get<ev::report_owed>(facts[1].body).report
        == final_report{"COMPLETED", "dubbed_7.mp4", "Dubbing complete"});
  CHECK(std::get<ev::stage_started>(facts[2].body).stage == "report");
  CHECK(play.state.is_active());
  CHECK(play.row->owes_report);
  CHECK(play.next().empty()); // the report is the reporter's

  CHECK(play.names(in::told{play.state.debt})
        == names{"stage.completed", "job.completed"});
  CHECK(play.state.row.status == job_status::completed);
  CHECK(play.state.owed); // until it was seen
  CHECK(play.feed(in::told{play.state.debt}).empty());

  CHECK(play.names(in::delivered{"seen", play.state.debt})
        == names{"report.delivered"});
  CHECK_FALSE(play.state.owed);
  CHECK_FALSE(play.row->owes_report);
  CHECK(play.feed(in::delivered{"seen", play.state.debt}).empty());
}

TEST_CASE("job: gone before it was told is just as final") {
  auto play = at_stage("upload");
  play.feed(play.answer(play.ref("upload")));
  CHECK(play.names(in::delivered{"gone", play.state.debt})
        == names{"stage.completed", "job.completed", "report.delivered"});
  CHECK(play.state.row.status == job_status::completed);
}

TEST_CASE("job: running -> cancelled, which owes FAILED unless it is silent") {
  auto silent = GENERATE(false, true);
  auto play = at_stage("tts");
  auto facts = play.feed(
    in::control{control_verb::cancel, {}, "me", "wrong film", silent});
  CHECK(play.state.row.status == job_status::cancelled);
  CHECK(facts.size() == (silent ? 1 : 2));
  CHECK(play.state.owed.has_value() != silent);
  CHECK(play.next().empty());
  if (!silent)
    CHECK(debt(facts) == final_report{"FAILED", "", "Cancelled: wrong film"});
  CHECK(play.feed(in::control{control_verb::cancel, {}, "me", "again", silent})
          .empty());
}

TEST_CASE("job: too late to cancel when the outcome is owed") {
  auto play = at_stage("upload");
  play.feed(play.answer(play.ref("upload")));
  CHECK(
    play.feed(in::control{control_verb::cancel, {}, "me", "too late", false})
      .empty());
}

TEST_CASE("job: a failed attempt is on record with its pause") {
  auto play = at_stage("tts");
  auto work = play.ref("translate", 0);
  auto at = play.now;
  CHECK(
    play.names(in::attempt_failed{work, 2, of(fault_code::timeout), ms{4'000}})
    == names{"attempt.failed"});
  auto retry = play.stage("translate").retry_of(0);
  REQUIRE(retry);
  CHECK(*retry == item_retry{2, at + ms{4'000}});
  play.feed(play.answer(work, 3));
  CHECK_FALSE(play.stage("translate").retry_of(0));
  CHECK(play.stage("translate").attempt == 3);
}

TEST_CASE("job: an answer that was there before changes nothing") {
  auto play = at_stage("merge");
  auto before = play.state;
  for (auto stage : {"fetch", "extract", "asr", "translate", "tts"}) {
    auto work = play.ref(stage, 0);
    CHECK(play.feed(play.answer(work, 2)).empty());
    CHECK(play.feed(in::attempt_failed{work, 1, of(fault_code::timeout), ms{1}})
            .empty());
    CHECK(play.feed(in::gave_up{work, 1, of(fault_code::refused)}).empty());
  }
  CHECK(play.state == before);
}

TEST_CASE("job: what the job has no place for changes nothing") {
  auto play = at_stage("asr");
  auto before = play.state;
  for (auto work : {play.ref("asr", 1), play.ref("merge"), work_ref{99, 0}}) {
    CHECK(play.feed(in::item_done{work, 1, reported{}}).empty());
    CHECK(play.feed(in::gave_up{work, 1, of(fault_code::refused)}).empty());
  }
  CHECK(play.feed(in::told{play.state.debt}).empty());
  CHECK(play.feed(in::delivered{"seen", play.state.debt}).empty());
  CHECK(play.state == before);
}

TEST_CASE("job: events of stages nobody knows change the number only") {
  auto play = at_stage("asr");
  auto expected = play.state;
  for (event_body body : std::vector<event_body>{
         ev::stage_started{"dance", 2}, ev::stage_failed{"dance", 0, {}},
         ev::stage_completed{"dance", 1, reported{}},
         ev::attempt_failed{"dance", 0, 1, {}, ms{1}},
         ev::item_completed{"asr", 9, 1, translated{"x"}},
         ev::attempt_failed{"asr", 9, 1, {}, ms{1}}}) {
    expected.seq += 1;
    expected.row.updated_at = play.now;
    evolve(play.state, {expected.seq, play.now, 1, body});
    CHECK(play.state == expected);
  }
}

TEST_CASE("job: what is said of another debt settles nothing") {
  job_play play{{1, 1, "hi"}};
  play.play_until("report");
  auto other = play.state.debt + 1;
  CHECK(play.feed(in::told{other}).empty());
  CHECK(play.feed(in::delivered{"seen", other}).empty());
  CHECK_FALSE(play.feed(in::told{play.state.debt}).empty());
}
