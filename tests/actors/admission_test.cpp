/// Which jobs count as open, and how the gateway is asked about known ones.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

#include <algorithm>

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;
using refusal = intake_refused::reason;

namespace {

/// Until the job has come to its end and the gateway was not seen to know it.
void play_until_owing(coordinator_play& play, std::int64_t job_id) {
  for (auto i = 0; i < 600; ++i) {
    if (play.status(job_id) == job_status::completed)
      return;
    play.advance(100ms);
  }
  FAIL("the job does not end");
}

/// Fetches of the first time; checks have no stage.
std::vector<test::attempt_seen> checks_in(const coordinator_play& play) {
  std::vector<test::attempt_seen> out;
  std::copy_if(
    play.workers.seen.begin(), play.workers.seen.end(), std::back_inserter(out),
    [](auto& x) { return x.service == "gateway" && x.stage.empty(); });
  return out;
}

} // namespace

TEST_CASE("admission: a job that only owes its report makes room for another") {
  coordinator_play play;
  play.max_open_jobs = 1;
  play.start();
  play.begin(1);
  play.begin(2);
  REQUIRE(play.answers.size() == 1);
  CHECK(std::get<intake_refused>(play.answers[0]).why == refusal::full);
  play_until_owing(play, 1);
  REQUIRE(play.facts<ev::report_delivered>(1).empty());
  play.begin(2);
  play.advance(2s);
  CHECK(play.facts<ev::report_delivered>(1).empty());
  CHECK(std::holds_alternative<intake_accepted>(play.answers.back()));
  play.advance(60s);
  CHECK(play.status(2) == job_status::completed);
  CHECK(play.facts<ev::report_delivered>(1).size() == 1);
  CHECK(play.facts<ev::report_delivered>(2).size() == 1);
}

TEST_CASE("admission: nor does it count before it is taken up") {
  coordinator_play play;
  play.max_open_jobs = 1;
  play.start();
  play.begin(1);
  play_until_owing(play, 1);
  REQUIRE(play.facts<ev::report_delivered>(1).empty());
  play.stop();
  play.start();
  play.begin(2);
  play.advance(2s);
  CHECK(std::holds_alternative<intake_accepted>(play.answers.back()));
  play.advance(60s);
  CHECK(play.status(2) == job_status::completed);
  CHECK(play.facts<ev::report_delivered>(1).size() == 1);
}

TEST_CASE("admission: ended jobs that cannot be seen to are bounded too") {
  coordinator_play play;
  play.max_open_jobs = 2;
  // It takes the final state, and never shows it.
  play.told.get_fault = fault{fault_code::timeout, "no answer in time", 0, {}};
  play.start();
  for (auto id = 1; id <= 4; ++id) {
    play.begin(id);
    play_until_owing(play, id);
  }
  play.begin(5);
  auto refused = std::get_if<intake_refused>(&play.answers.back());
  REQUIRE(refused);
  CHECK(refused->why == refusal::full);
  CHECK(refused->message.find("was not seen to know") != std::string::npos);
  play.told.get_fault.reset();
  play.advance(5min);
  play.begin(5);
  play.advance(60s);
  CHECK(play.status(5) == job_status::completed);
}

TEST_CASE("admission: checks of known ids pass the gateway's gate") {
  coordinator_play play;
  play.policies["gateway"].max_concurrent = 2;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return scripted_reply{order.stage.empty() ? 500ms : 100ms, {}, false};
  };
  play.start();
  for (auto id = 1; id <= 6; ++id)
    play.begin(id);
  play.advance(60s);
  play.workers.most.clear();
  for (auto id = 1; id <= 6; ++id)
    play.begin(id);
  play.advance(2'100ms);
  CHECK(play.workers.most["gateway"] == 2);
  CHECK(checks_in(play).size() == 6);
  REQUIRE(play.answers.size() == 12);
  for (auto i = 6; i < 12; ++i)
    CHECK(std::get<intake_accepted>(play.answers[static_cast<std::size_t>(i)])
            .known);
  CHECK(play.service("gateway").running == 0);
}

TEST_CASE("admission: a check that gets no permit in two seconds is given up") {
  coordinator_play play;
  play.policies["gateway"].max_concurrent = 1;
  auto slow = false;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    auto hangs = slow && order.kind == work_kind::fetch;
    return scripted_reply{hangs ? 9s : 100ms, {}, false};
  };
  play.start();
  play.begin(1);
  play.advance(60s);
  slow = true;
  play.begin(2); // takes the only permit
  play.advance(100ms);
  play.begin(1);
  play.advance(1'800ms);
  CHECK(play.answers.size() == 1);
  play.advance(300ms);
  REQUIRE(play.answers.size() == 3); // both have waited for two seconds
  CHECK(std::get<intake_accepted>(play.answers.back()).known);
  CHECK(checks_in(play).empty());
  play.advance(60s);
  CHECK(checks_in(play).empty()); // its place in the queue went with it
}

TEST_CASE("admission: a check keeps two seconds, permit and call together") {
  coordinator_play play;
  play.policies["gateway"].max_concurrent = 1;
  auto slow = false;
  play.workers.script = [&](const work_order&, const attempt_info&) {
    return scripted_reply{slow ? 1'500ms : 100ms, {}, false};
  };
  play.start();
  play.begin(1);
  play.advance(60s);
  slow = true;
  play.begin(2);
  play.begin(1);
  play.advance(2'100ms);
  REQUIRE(checks_in(play).size() == 1);
  CHECK(checks_in(play)[0].timeout == 500ms);
  CHECK(play.answers.size() == 3);
  // Its own short limit says nothing of the gateway.
  CHECK(play.service("gateway").failed == 0);
  CHECK(play.service("gateway").running <= 1);
}

TEST_CASE("admission: while the gateway's breaker is open nobody is asked") {
  coordinator_play play;
  play.start();
  play.begin(1);
  play.advance(60s);
  play.order("gateway", order_verb::open);
  play.run();
  play.begin(1);
  REQUIRE(play.answers.size() == 2);
  CHECK(std::get<intake_accepted>(play.answers.back()).known);
  CHECK(checks_in(play).empty());
}
