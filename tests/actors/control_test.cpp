/// A person steers jobs: what happens to open calls, the gateway and the
/// record.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;
using v = control_verb;

namespace {

bool changed(const control_answer& a) {
  auto done = std::get_if<control_done>(&a);
  return done && done->changed;
}

bool impossible(const control_answer& a) {
  return std::holds_alternative<control_impossible>(a);
}

int running(const coordinator_play& play) {
  auto n = 0;
  for (auto& x : play.workers.seen)
    n += x.ended ? 0 : 1;
  return n;
}

/// Every call takes ten seconds, so that there is something to steer.
void slow(coordinator_play& play) {
  play.workers.shape = {1, 6, "hi"};
  play.workers.script = [](const work_order&, const attempt_info&) {
    scripted_reply reply;
    reply.after = 10s;
    return reply;
  };
}

} // namespace

TEST_CASE("control: a pause lets open calls end and begins nothing") {
  coordinator_play play;
  slow(play);
  play.start();
  play.begin(7);
  play.advance(52s); // segment 0 is through translate and being spoken
  CHECK(changed(play.control(7, v::pause)));
  auto calls = play.workers.seen.size();
  play.advance(600s);
  CHECK(play.status(7) == job_status::paused);
  CHECK(play.workers.seen.size() == calls);
  CHECK(running(play) == 0);
  CHECK_FALSE(changed(play.control(7, v::pause)));
  play.stop(); // the pause is on record
  play.start();
  play.advance(60s);
  CHECK(play.status(7) == job_status::paused);
  CHECK(changed(play.control(7, v::resume)));
  play.advance(600s);
  CHECK(play.status(7) == job_status::completed);
  for (std::uint32_t i = 0; i < 6; ++i)
    CHECK(play.workers.of("tts", i).size() == 1);
}

TEST_CASE("control: a cancel aborts open calls and tells the gateway") {
  coordinator_play play;
  slow(play);
  play.start();
  play.begin(7);
  play.advance(65s);
  REQUIRE(running(play) > 1);
  CHECK(changed(play.control(7, v::cancel)));
  play.advance(1s);
  CHECK(running(play) == 0);
  CHECK(play.service("tts").running == 0);
  play.advance(60s);
  CHECK(play.status(7) == job_status::cancelled);
  auto view = play.view(7);
  CHECK(view.results.front().state == "cancelled");
  for (auto& stage : view.stages)
    CHECK(stage.state != "running"); // nothing is done any more
  CHECK(play.told.rows.at(7).status == "FAILED");
  CHECK(impossible(play.control(7, v::retry)));
  auto facts = play.facts<ev::job_cancelled>(1);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].by == "test");
  CHECK(facts[0].reason == "because");
}

TEST_CASE(
  "control: used-up attempts park the job, a retry goes on from there") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  auto broken = true;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    scripted_reply reply;
    if (broken && order.stage == "tts" && order.item == 2)
      reply.outcome = fault{fault_code::bad_answer, "an empty file", 200, {}};
    return reply;
  };
  play.start();
  play.begin(7);
  play.advance(120s);
  auto view = play.view(7);
  CHECK(view.row.status == job_status::parked);
  REQUIRE(view.error);
  CHECK(view.error->segment == 2);
  CHECK(play.told.rows.at(7).status == "PROCESSING");
  CHECK(play.workers.of("tts", 2).size() == 4);
  broken = false;
  CHECK(changed(play.control(7, v::retry)));
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.of("tts", 2).size() == 5);
  CHECK(play.workers.of("tts", 1).size() == 1);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
}

TEST_CASE("control: a parked job fails after its time, also over a restart") {
  coordinator_play play;
  play.rules.park_timeout = 3600s;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    scripted_reply reply;
    if (order.stage == "merge")
      reply.outcome = fault{fault_code::bad_answer, "not a video", 0, {}};
    return reply;
  };
  play.start();
  play.begin(7);
  play.advance(120s);
  REQUIRE(play.status(7) == job_status::parked);
  play.stop();
  play.time.set(play.time.now() + 7200s);
  play.start();
  play.advance(60s);
  CHECK(play.status(7) == job_status::failed);
  CHECK(play.view(7).results.front().state == "failed");
  CHECK(play.told.rows.at(7).status == "FAILED");
  CHECK(play.facts<ev::job_failed>(1).size() == 1);
}

TEST_CASE("control: redo and restart of a completed job") {
  coordinator_play play;
  play.workers.shape = {1, 3, "hi"};
  play.start();
  play.begin(7);
  play.advance(120s);
  REQUIRE(play.status(7) == job_status::completed);
  CHECK(impossible(play.control(7, v::redo, "nonsense")));
  CHECK(changed(play.control(7, v::redo, "tts")));
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.view(7).row.run == 2);
  CHECK(play.workers.of("tts", 0).size() == 2);
  CHECK(play.workers.of("translate", 0).size() == 1);
  CHECK(changed(play.control(7, v::restart)));
  play.advance(120s);
  CHECK(play.view(7).row.run == 3);
  CHECK(play.workers.of("translate", 0).size() == 2);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
}

TEST_CASE("control: nobody's job") {
  coordinator_play play;
  play.start();
  auto answer = play.control(99, v::cancel);
  REQUIRE(std::holds_alternative<fault>(answer));
  CHECK(std::get<fault>(answer).code == fault_code::not_found);
}

TEST_CASE("upkeep: a history is removed after its time, a duplicate starts "
          "nothing") {
  coordinator_play play;
  play.keep = {3600s, 1800s};
  play.start();
  play.begin(7);
  play.advance(120s);
  REQUIRE(play.status(7) == job_status::completed);
  auto calls = play.workers.seen.size();
  play.advance(4500s);
  CHECK(play.history(1).empty());
  CHECK(play.status(7) == job_status::completed);
  CHECK(impossible(play.control(7, v::redo, "tts")));
  play.begin(7);
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.seen.size()
        == calls + 1); // the gateway was asked: same job
}
