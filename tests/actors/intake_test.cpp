/// How jobs get in: once, while there is room, and never without a record.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;
using refusal = intake_refused::reason;

namespace {

std::size_t jobs_in(coordinator_play& play) {
  return play.store.list({}, 0, 1'000)->size();
}

} // namespace

TEST_CASE("intake: the same id at the same moment is one job") {
  coordinator_play play;
  play.told.rows[7] = {"1_film 7.mp4", "QUEUED", 0, ""};
  play.start();
  for (auto i = 0; i < 5; ++i)
    play.ask_intake(7);
  play.advance(3s);
  play.ask_intake(7);
  play.advance(1s); // the gateway is asked whether it is still the same job
  REQUIRE(play.answers.size() == 6);
  auto known = 0;
  for (auto& x : play.answers)
    known += std::get<intake_accepted>(x).known;
  CHECK(known == 5);
  CHECK(jobs_in(play) == 1);
  CHECK(play.workers.of("fetch").size() == 1);
  CHECK(play.facts<ev::job_accepted>(1).size() == 1);
}

TEST_CASE("intake: a job that has ended is known, and shown") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(60s);
  play.begin(7);
  play.advance(60s);
  REQUIRE(play.answers.size() == 2);
  auto& again = std::get<intake_accepted>(play.answers[1]);
  CHECK(again.known);
  CHECK(again.job.row.status == job_status::completed);
  CHECK(jobs_in(play) == 1);
}

TEST_CASE("intake: the same id with another source is another job") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(60s);
  play.workers.script = [](const work_order& order, const attempt_info&) {
    scripted_reply reply;
    if (order.kind == work_kind::fetch)
      reply.outcome = work_result{fetched{"2_new.mp4", "hi", {}, "{}"}};
    return reply;
  };
  play.begin(7);
  play.advance(60s);
  CHECK(jobs_in(play) == 2);
  CHECK(play.view(7).row.source_object_key == "2_new.mp4");
  CHECK(play.view(7).row.status == job_status::completed);
}

TEST_CASE("intake: a slow gateway is answered for after two seconds") {
  coordinator_play play;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return scripted_reply{order.kind == work_kind::fetch ? 5s : 1s, {}, false};
  };
  play.start();
  play.begin(7);
  play.advance(1'900ms);
  CHECK(play.answers.empty());
  play.advance(200ms);
  REQUIRE(play.answers.size() == 1);
  CHECK_FALSE(std::get<intake_accepted>(play.answers[0]).fetched);
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.answers.size() == 1);
}

TEST_CASE("intake: what the gateway does not have is recorded as rejected") {
  coordinator_play play;
  auto there = false;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return order.kind == work_kind::fetch && !there
             ? fails(fault_code::not_found, 50ms)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(1s);
  REQUIRE(play.answers.size() == 1);
  CHECK(std::holds_alternative<intake_rejected>(play.answers[0]));
  CHECK(play.status(7) == job_status::rejected);
  CHECK(play.told.seen.empty());

  there = true; // what the gateway once did not have, it may have now
  play.begin(7);
  play.advance(60s);
  CHECK(std::holds_alternative<intake_accepted>(play.answers.back()));
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("intake: refused while MAX_OPEN_JOBS are open") {
  coordinator_play play;
  play.max_open_jobs = 2;
  play.start();
  for (auto id = 1; id <= 3; ++id)
    play.begin(id);
  REQUIRE(play.answers.size() == 1);
  auto& full = std::get<intake_refused>(play.answers[0]);
  CHECK(full.why == refusal::full);
  CHECK(full.message.find("MAX_OPEN_JOBS") != std::string::npos);
  CHECK(full.retry_after > 0ms);
  CHECK(jobs_in(play) == 2);
  // A job that is known needs no room.
  play.begin(1);
  play.advance(2s);
  CHECK(std::holds_alternative<intake_accepted>(play.answers.back()));
  play.advance(60s);
  play.begin(3);
  play.advance(60s);
  CHECK(play.status(3) == job_status::completed);
}

TEST_CASE("intake: refused from the stop on, running jobs go on") {
  coordinator_play play;
  play.start();
  play.begin(1);
  play.advance(2s);
  play.begin_stop();
  play.begin(2);
  REQUIRE(play.answers.size() == 2);
  CHECK(std::get<intake_refused>(play.answers[1]).why == refusal::stopping);
  play.advance(60s);
  CHECK(play.status(1) == job_status::completed);
  CHECK(jobs_in(play) == 1);
}
