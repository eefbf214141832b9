/// While the journal is away nothing is acknowledged, nothing is acted on, and
/// nobody's attempt is charged; when it is back, all goes on.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;
using refusal = intake_refused::reason;

TEST_CASE("journal away: a job is not acknowledged before it is on disk") {
  coordinator_play play;
  play.start();
  play.store.commit_trouble = "the disk is full";
  play.begin(7);
  play.advance(1s);
  CHECK(play.answers.empty());
  play.advance(30s); // nobody is kept waiting for a disk
  REQUIRE(play.answers.size() == 1);
  auto& refused = std::get<intake_refused>(play.answers[0]);
  CHECK(refused.why == refusal::journal_away);
  CHECK(refused.message == "the disk is full");
  CHECK(play.workers.seen.empty()); // nothing was acted on
  play.begin(7);
  CHECK(std::holds_alternative<intake_refused>(play.answers.back()));
  play.store.commit_trouble.clear();
  play.advance(3s);
  play.begin(7);
  play.advance(3s);
  REQUIRE(play.answers.size() == 3);
  CHECK(std::holds_alternative<intake_accepted>(play.answers[2]));
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("journal away: intake is refused with its trouble, then goes on") {
  coordinator_play play;
  play.start();
  play.begin(1);
  play.advance(2500ms);
  play.store.commit_trouble = "the disk is full";
  play.advance(2s);
  CHECK(play.journal_trouble() == "the disk is full");
  play.begin(2);
  auto& refused = std::get<intake_refused>(play.answers.back());
  CHECK(refused.why == refusal::journal_away);
  CHECK(refused.message == "the disk is full");
  play.store.commit_trouble.clear();
  play.advance(2s);
  CHECK(play.journal_trouble().empty());
  play.begin(2);
  play.advance(60s);
  CHECK(play.status(1) == job_status::completed);
  CHECK(play.status(2) == job_status::completed);
}

TEST_CASE(
  "journal away: calls end, the next ones wait, no attempt is charged") {
  coordinator_play play;
  play.workers.shape = {1, 5, "hi"};
  play.start();
  play.begin(7);
  play.advance(5'500ms); // the others are being translated
  play.store.commit_trouble = "read-only file system";
  play.advance(10min);
  auto calls = play.workers.seen.size();
  CHECK(play.store.failed_commits > 500); // every second
  CHECK(play.workers.of("tts", 1).empty());
  CHECK(play.view(7).row.status == job_status::running);
  play.store.commit_trouble.clear();
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.seen.size() == calls + 4 + 2); // 4 tts, merge, upload
  CHECK(play.facts<ev::attempt_failed>(1).empty());
}

TEST_CASE("journal away: what was not on disk at a crash did not happen") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(2'500ms); // asr is called
  play.store.commit_trouble = "I/O error";
  play.advance(20s); // its answer is known, but not on record
  REQUIRE(play.workers.of("asr").size() == 1);
  CHECK(play.workers.of("translate").empty());
  play.stop();
  play.store.commit_trouble.clear();
  play.start();
  play.advance(60s);
  CHECK(play.workers.of("asr").size() == 2);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE(
  "journal away: a failed attempt is tried again after it is on record") {
  coordinator_play play;
  play.workers.script = [](const work_order& order, const attempt_info& info) {
    return order.stage == "asr" && info.number == 1
             ? fails(fault_code::server_error)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(2'500ms);
  play.store.commit_trouble = "I/O error";
  play.advance(1min);
  CHECK(play.workers.of("asr").size() == 1);
  play.store.commit_trouble.clear();
  play.advance(1min);
  CHECK(play.workers.of("asr").size() == 2);
  CHECK(play.facts<ev::attempt_failed>(1).size() == 1);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("journal away: unreadable at the start, unfinished jobs are taken up "
          "when it is back") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(4s);
  play.stop();
  play.store.read_trouble = "I/O error";
  play.start();
  play.advance(1min);
  CHECK(play.journal_trouble() == "I/O error");
  CHECK(play.told.rows.at(7).status == "PROCESSING");
  play.store.read_trouble.clear();
  play.advance(1min);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE(
  "journal away: unreadable while jobs are taken up, none is given up") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(4s);
  play.stop();
  play.store.history_trouble = "I/O error";
  play.start();
  play.advance(1min);
  play.store.history_trouble.clear();
  play.advance(2min);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.facts<ev::job_cancelled>(1).empty());
}
