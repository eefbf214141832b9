/// What work takes that waits for its first permit, and progress that is told
/// late.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

#include <algorithm>

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::patch_fate;
using test::patch_seen;
using test::scripted_reply;

namespace {

/// Calls of one stage last so long, all others a second.
auto lasting(const char* stage, ms length) {
  return [=](const work_order& order, const attempt_info&) {
    return scripted_reply{order.stage == stage ? length : 1'000ms, {}, false};
  };
}

} // namespace

TEST_CASE("waiting: work shows itself while it waits for its first permit") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.workers.script = lasting("asr", 20s);
  play.start();
  play.begin_all(2);
  play.advance(10s);
  auto first = play.workers.of("asr");
  REQUIRE(first.size() == 1);
  auto waits = play.view(first[0].job_id == 1 ? 2 : 1);
  REQUIRE(waits.waiting_for);
  CHECK(waits.waiting_for->kind == "permit");
  CHECK(waits.waiting_for->service == "asr");
  CHECK(waits.stages[2].state == "waiting");
  CHECK(waits.stages[2].attempt == 1);
  play.advance(5min);
  CHECK(play.status(1) == job_status::completed);
  CHECK(play.status(2) == job_status::completed);
}

TEST_CASE("waiting: a pause takes back the place, a resume another one") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.workers.script = lasting("asr", 20s);
  play.start();
  play.begin_all(2);
  play.advance(10s);
  auto late = play.workers.of("asr")[0].job_id == 1 ? 2 : 1;
  REQUIRE(play.service("asr").waiting == 1);
  play.control(late, control_verb::pause);
  CHECK(play.service("asr").waiting == 0);
  play.advance(60s);
  CHECK(play.workers.of("asr").size() == 1);
  play.control(late, control_verb::resume);
  play.advance(5min);
  CHECK(play.status(late) == job_status::completed);
  CHECK(play.workers.of("asr").size() == 2);
}

TEST_CASE("waiting: a cancelled job leaves no place behind") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.workers.script = lasting("asr", 20s);
  play.start();
  play.begin_all(3);
  play.advance(10s);
  REQUIRE(play.service("asr").waiting == 2);
  for (auto id = 1; id <= 3; ++id)
    play.control(id, control_verb::cancel);
  CHECK(play.service("asr").waiting == 0);
  CHECK(play.service("asr").running == 0);
}

TEST_CASE("waiting: longer than queue_timeout for a first permit parks") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.policies["asr"].queue_timeout = 30s;
  play.policies["asr"].attempt_timeout.base = 1h;
  play.workers.script = lasting("asr", 50min);
  play.start();
  play.begin_all(2);
  play.advance(60s);
  auto late = play.workers.of("asr")[0].job_id == 1 ? 2 : 1;
  auto view = play.view(late);
  CHECK(view.row.status == job_status::parked);
  REQUIRE(view.error);
  CHECK(view.error->stage == "asr");
  CHECK(view.error->why.message.find("queue_timeout") != std::string::npos);
  CHECK(play.facts<ev::chunk_halved>(static_cast<std::uint64_t>(late)).empty());
  CHECK(play.service("asr").waiting == 0);
  CHECK(play.workers.of("asr").size() == 1); // no attempt was made for it
}

TEST_CASE("waiting: the time at the gate counts for total_timeout") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.policies["asr"].total_timeout = 30s;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    scripted_reply reply{order.stage == "asr" ? 20s : 1s, {}, false};
    if (order.stage == "asr" && order.job_id == 2)
      reply.outcome = fault{fault_code::server_error, "not this time", 500, {}};
    return reply;
  };
  play.start();
  play.begin(1);
  play.advance(3s);
  play.begin(2);
  play.advance(2min);
  CHECK(play.status(1) == job_status::completed);
  CHECK(play.status(2) != job_status::running);
  CHECK(play.workers.of("asr").size() == 2); // no second attempt of job 2
}

TEST_CASE("waiting: progress holds few places at the gateway's gate") {
  coordinator_play play;
  play.policies["gateway"].max_concurrent = 100;
  play.workers.script = lasting("asr", 1h);
  play.policies["asr"].attempt_timeout.base = 2h;
  play.told.script = [](const patch_seen&) {
    return patch_fate{8s, {}, true, {}}; // each takes long
  };
  play.start();
  play.begin_all(200);
  play.advance(5s); // all are fetched
  std::size_t most = 0;
  for (auto i = 0; i < 200; ++i) {
    play.advance(1s);
    auto gate = play.service("gateway");
    most = std::max(most, gate.waiting + gate.running);
  }
  CHECK(most == 32);
  // All have had their turn, with what was the latest then.
  for (std::int64_t id = 1; id <= 200; ++id)
    CHECK(play.told.rows.at(id).progress > 0);
}

TEST_CASE("waiting: a final state does not wait for progress in the line") {
  coordinator_play play;
  play.workers.script = lasting("asr", 1h);
  play.policies["asr"].attempt_timeout.base = 2h;
  play.policies["gateway"].max_concurrent = 200;
  play.told.script = [](const patch_seen& x) {
    auto is_final = x.update.status != "PROCESSING";
    return patch_fate{is_final ? 100ms : 9s, {}, true, {}};
  };
  play.start();
  play.begin_all(150);
  play.advance(5s);
  auto told = [&](std::int64_t id) {
    return std::any_of(play.told.seen.begin(), play.told.seen.end(),
                       [&](auto& x) { return x.job_id == id; });
  };
  REQUIRE_FALSE(told(150));
  play.control(150, control_verb::cancel);
  play.advance(500ms);
  CHECK(play.told.rows.at(150).status == "FAILED");
  CHECK_FALSE(
    std::any_of(play.told.seen.begin(), play.told.seen.end(), [](auto& x) {
      return x.job_id == 150 && x.update.status == "PROCESSING";
    }));
}
