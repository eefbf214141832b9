/// Actors that die from a bug are started again from the journal, within
/// limits.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;

namespace {

scripted_reply dies() {
  return {1s, {}, true};
}

} // namespace

TEST_CASE("actors: a stage that dies is started again and loses nothing") {
  coordinator_play play;
  play.workers.shape = {1, 6, "hi"};
  auto deaths = 0;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return order.stage == "tts" && order.item == 4 && ++deaths <= 3
             ? dies()
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.metrics.restarts["stage"] == 3);
  CHECK(play.workers.of("tts", 4).size() == 1);
  CHECK(play.workers.of("translate", 4).size() == 1);
  CHECK(play.service("tts").running == 0); // permits die with their holders
}

TEST_CASE("actors: a stage that dies again and again parks its job") {
  coordinator_play play;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? dies() : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(60s);
  auto view = play.view(7);
  CHECK(view.row.status == job_status::parked);
  CHECK(play.metrics.restarts["stage"] == 6); // five restarts a minute
  CHECK(view.error->why.message.find("the worker is broken")
        != std::string::npos);
  play.begin(8); // it takes nobody along
  play.workers.script = nullptr;
  play.advance(60s);
  CHECK(play.status(8) == job_status::completed);
  REQUIRE(view.error);
  CHECK(view.error->why.code == fault_code::internal);
  CHECK(view.error->stage == "asr");
  CHECK(play.service("asr").running == 0);
}

TEST_CASE("actors: a job that dies goes on from its journal") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  auto deaths = 0;
  play.metrics.on_stage_ended = [&](std::string_view stage) {
    if (stage == "translate" && ++deaths == 1)
      throw std::runtime_error("a bug");
  };
  play.start();
  play.begin(7);
  play.advance(60s);
  CHECK(deaths == 1);
  CHECK(play.metrics.restarts["job"] == 1);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  // Its children died with it: only what was open was called again.
  std::map<std::pair<std::string, std::uint32_t>, int> finished;
  for (auto& x : play.workers.seen)
    if (!x.cancelled)
      ++finished[{x.stage, x.item}];
  for (auto& [work, times] : finished)
    CHECK(times == 1);
}

TEST_CASE("actors: a job that dies again and again is parked") {
  coordinator_play play;
  auto deaths = 0;
  play.metrics.on_stage_ended = [&](std::string_view) {
    ++deaths;
    throw std::runtime_error("a bug");
  };
  play.start();
  play.begin(7);
  play.advance(10min);
  CHECK(deaths >= 4); // three restarts within a minute, not more
  auto view = play.view(7);
  CHECK(view.row.status == job_status::parked);
  REQUIRE(view.error);
  CHECK(view.error->why.code == fault_code::internal);
  CHECK(view.error->why.message.find("a bug") != std::string::npos);
  CHECK(play.workers.of("merge").empty());
}

TEST_CASE("actors: dead jobs of one id do not disturb another") {
  coordinator_play play;
  play.metrics.on_stage_ended = [n = 0](std::string_view) mutable {
    if (++n % 5 == 0)
      throw std::runtime_error("a bug");
  };
  play.start();
  for (auto id = 1; id <= 6; ++id)
    play.begin(id);
  play.advance(10min);
  CHECK(play.metrics.restarts["job"] > 4);
  for (auto id = 1; id <= 6; ++id) {
    CHECK(play.status(id) == job_status::completed);
    CHECK(play.told.rows.at(id).status == "COMPLETED");
  }
}
