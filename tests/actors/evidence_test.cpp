/// What the end of a call says of its service, and what it does not.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::patch_fate;
using test::patch_seen;
using test::scripted_reply;

TEST_CASE("evidence: a full disk between failures is no success") {
  coordinator_play play;
  play.policies["media"].breaker = {3, 30s, 1};
  play.policies["media"].retry.max_attempts = 9;
  auto calls = 0;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    if (order.stage != "extract")
      return scripted_reply{};
    return ++calls == 3 ? fails(fault_code::disk, 10ms)
                        : fails(fault_code::unreachable, 10ms);
  };
  play.start();
  play.begin(7);
  play.advance(12s);
  CHECK(calls == 4);
  CHECK(play.service("media").breaker == "open");
}

TEST_CASE("evidence: sound that may be too long speaks neither for nor against "
          "ASR") {
  coordinator_play play;
  play.workers.shape = {2, 3, "hi"}; // 10 s, and 20 s that may be halved
  play.policies["asr"].breaker = {3, 30s, 1};
  play.policies["asr"].retry = {9, 1s, 1, 1s, false};
  play.policies["asr"].max_concurrent = 1;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? fails(fault_code::server_error, 10ms)
                                : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(6s);
  CHECK(play.service("asr").breaker == "open");
}

TEST_CASE("evidence: a gateway that answers all with 500 is down") {
  coordinator_play play;
  play.told.script = [](const patch_seen&) {
    return patch_fate{
      10ms, fault{fault_code::server_error, "it broke", 500, {}}, false, {}};
  };
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "fetch" ? fails(fault_code::server_error, 10ms)
                                  : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(5min);
  CHECK(play.status(7) == job_status::running);
  CHECK(play.service("gateway").breaker != "closed");
}
