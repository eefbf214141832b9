/// Several base URLs of one service, one of which is bad.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

TEST_CASE("several URLs: a bad one is left out, and no job notices") {
  const std::string bad = "http://tts-1";
  const std::string good = "http://tts-2";
  coordinator_play play;
  play.policies["tts"].urls = {bad, good};
  play.workers.shape = {1, 40, "hi"};
  auto broken = true;
  std::map<std::string, int> calls;
  play.workers.script = [&](const work_order& order, const attempt_info& info) {
    if (order.stage != "tts")
      return scripted_reply{};
    ++calls[info.url];
    return info.url == bad && broken ? fails(fault_code::unreachable, 10ms)
                                     : scripted_reply{};
  };
  play.start();
  for (auto id = 1; id <= 4; ++id)
    play.begin(id);
  auto tts = play.service("tts");
  for (auto i = 0; i < 200 && !tts.endpoints[0].left_out_until; ++i) {
    play.advance(100ms);
    tts = play.service("tts");
  }
  REQUIRE(tts.endpoints.size() == 2);
  CHECK(tts.endpoints[0].url == bad);
  CHECK(tts.endpoints[0].left_out_until);
  CHECK_FALSE(tts.endpoints[1].left_out_until);
  CHECK(play.metrics.left_out.at("tts " + bad));
  CHECK(tts.breaker == "closed"); // the service is well
  play.advance(5min);
  for (auto id = 1; id <= 4; ++id)
    CHECK(play.status(id) == job_status::completed);
  CHECK(calls[good] == 160);
  CHECK(calls[bad] < 16); // a try each time it is looked at again

  broken = false; // and it is used again
  play.begin(5);
  play.advance(3min);
  CHECK(play.status(5) == job_status::completed);
  CHECK_FALSE(play.metrics.left_out.at("tts " + bad));
}
