/// The limits of waiting: what reaches one parks its job, or does what the
/// policy says, and the reason names the limit.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

/// The reason for which the job waits for a person.
std::string parked_because(coordinator_play& play, std::int64_t id) {
  auto view = play.view(id);
  CHECK(view.row.status == job_status::parked);
  REQUIRE(view.waiting_for);
  CHECK(view.waiting_for->kind == "person");
  REQUIRE(view.error);
  return view.error->why.message;
}

} // namespace

TEST_CASE("limits: queue_timeout ends a wait behind others") {
  coordinator_play play;
  auto& policy = play.policies["asr"];
  policy.max_concurrent = 1;
  policy.queue_timeout = 10min;
  policy.attempt_timeout = {5h, 0ms};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? scripted_reply{2h, {}, false}
                                : scripted_reply{};
  };
  play.start();
  play.begin(1);
  play.advance(5s);
  play.begin(2);
  play.advance(9min);
  CHECK(play.status(2) == job_status::running);
  play.advance(90s);
  CHECK(parked_because(play, 2)
        == "waited for asr for longer than queue_timeout (10 min)");
  CHECK(play.facts<ev::chunk_halved>(1).empty()); // it is not too long
  CHECK(play.status(1) == job_status::running);
}

TEST_CASE("limits: max_hold ends a hold by an open breaker") {
  coordinator_play play;
  auto& policy = play.policies["tts"];
  policy.breaker.consecutive = 2;
  policy.max_hold = 20min;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "tts" ? fails(fault_code::unreachable)
                                : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(19min);
  CHECK(play.status(7) == job_status::running);
  CHECK(play.facts<ev::attempt_failed>(1).size() <= 1); // it was closed then
  play.advance(25min); // from then on its attempts count, in each probe
  auto view = play.view(7);
  CHECK(view.row.status == job_status::parked);
  CHECK(view.error->why.code == fault_code::unreachable);
}

TEST_CASE("limits: max_hold ends a wait for a full disk") {
  coordinator_play play;
  play.policies["media"].max_hold = 20min;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "merge" ? fails(fault_code::disk) : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(19min);
  CHECK(play.status(7) == job_status::running);
  play.advance(15min);
  CHECK(play.status(7) == job_status::parked);
  CHECK(play.view(7).error->why.code == fault_code::disk);
}

TEST_CASE("limits: total_timeout ends the attempts before they are used up") {
  coordinator_play play;
  auto& policy = play.policies["asr"];
  policy.total_timeout = 5min;
  policy.retry = {1'000, 10s, 1.0, 10s, false};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? fails(fault_code::bad_answer)
                                : scripted_reply{};
  };
  policy.breaker.consecutive = 1'000;
  policy.breaker.min_calls = 1'000;
  play.start();
  play.begin(7);
  play.advance(10min);
  CHECK(parked_because(play, 7) == "the service said no");
  auto calls = play.workers.of("asr").size();
  CHECK(calls > 20);
  CHECK(calls < 30); // an attempt and its pause are 11 s
}

TEST_CASE("limits: a held job is not charged by total_timeout") {
  coordinator_play play;
  auto& policy = play.policies["asr"];
  policy.total_timeout = 2min;
  policy.breaker.consecutive = 2;
  auto down = true;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return order.stage == "asr" && down ? fails(fault_code::unreachable, 10ms)
                                        : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(30min);
  CHECK(play.status(7) == job_status::running);
  down = false;
  play.advance(10min);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("limits: retries share a budget, first attempts go before") {
  coordinator_play play;
  auto& policy = play.policies["translate"];
  policy.max_concurrent = 10;
  policy.budget = {0.2, 2};
  policy.breaker.consecutive = 1'000;
  policy.breaker.min_calls = 1'000;
  policy.retry.max_attempts = 50;
  play.workers.shape = {1, 60, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info& info) {
    return order.stage == "translate" && order.item > 0 && info.number < 4
             ? fails(fault_code::server_error)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  std::size_t most = 0;
  for (auto i = 0; i < 400; ++i) {
    play.advance(250ms);
    auto service = play.service("translate");
    most = std::max(most, service.retries_running);
    CHECK(service.retries_running
          <= std::max<std::size_t>(2, service.retries_allowed));
    CHECK(play.metrics.gates["translate"].retries_running
          == service.retries_running);
  }
  CHECK(most == 2);
  play.advance(10min);
  CHECK(play.status(7) == job_status::completed);
}
