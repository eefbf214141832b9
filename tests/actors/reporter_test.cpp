/// What the gateway is told (ARCHITECTURE 7): progress if it is easy, the final
/// state until it was seen there.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::patch_fate;
using test::patch_seen;

namespace {

fault answer_500() {
  return {fault_code::server_error, "something broke", 500, {}};
}

fault no_answer() {
  return {fault_code::timeout, "no answer in time", 0, {}};
}

bool is_final_patch(const patch_seen& x) {
  return x.update.status != "PROCESSING";
}

} // namespace

TEST_CASE(
  "reporter: progress is coalesced, one call at a time, never backwards") {
  coordinator_play play;
  play.workers.shape = {1, 40, "hi"};
  play.told.script = [](const patch_seen&) {
    return patch_fate{400ms, {}, true, {}};
  };
  play.start();
  play.begin(7);
  play.advance(120s);
  REQUIRE(play.status(7) == job_status::completed);
  auto& seen = play.told.seen;
  REQUIRE(seen.size() > 5);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    CHECK(*seen[i].update.progress >= *seen[i - 1].update.progress);
    // A rest of a second after each answer.
    if (!is_final_patch(seen[i]))
      CHECK(seen[i].at - seen[i - 1].at >= 1'400ms);
  }
  // Not a report for each of the 85 pieces of work.
  CHECK(seen.size() < 40);
  CHECK(play.told.of_status("COMPLETED").size() == 1);
  CHECK(seen.back().update.activity == "Dubbing complete");
}

TEST_CASE("reporter: the final state is repeated until it was answered") {
  coordinator_play play;
  auto refusals = 0;
  play.told.script = [&](const patch_seen& x) {
    if (is_final_patch(x) && ++refusals <= 5)
      return patch_fate{100ms, no_answer(), false, {}};
    return patch_fate{};
  };
  play.start();
  play.begin(7);
  play.advance(5min);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.told.of_status("COMPLETED").size() == 6);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  CHECK(play.facts<ev::report_delivered>(1)
        == std::vector<ev::report_delivered>{{"seen"}});
}

TEST_CASE("reporter: a progress that was written late is repaired") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  // Every progress times out here, and is written there long afterwards.
  play.told.script = [](const patch_seen& x) {
    return is_final_patch(x) ? patch_fate{}
                             : patch_fate{2s, no_answer(), true, 9s};
  };
  play.start();
  play.begin(7);
  auto overwritten = false;
  for (auto i = 0; i < 600; ++i) {
    play.advance(100ms);
    overwritten |= !play.told.of_status("COMPLETED").empty()
                   && play.told.rows.at(7).status == "PROCESSING";
  }
  CHECK(overwritten);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  CHECK(play.told.rows.at(7).output_object_key == "dubbed_7.mp4");
  CHECK(play.told.of_status("COMPLETED").size() >= 2);
}

TEST_CASE("reporter: a job that is gone there ends the debt, on record") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(4s);
  play.told.rows.erase(7);
  play.advance(60s);
  CHECK(play.facts<ev::report_delivered>(1)
        == std::vector<ev::report_delivered>{{"gone"}});
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.metrics.reports["gone"] == 1);
}

TEST_CASE("reporter: a 500 for a job that is there is tried again") {
  coordinator_play play;
  auto errors = 0;
  play.told.script = [&](const patch_seen& x) {
    if (is_final_patch(x) && ++errors <= 3)
      return patch_fate{100ms, answer_500(), false, {}};
    return patch_fate{};
  };
  play.start();
  play.begin(7);
  play.advance(120s);
  CHECK(play.metrics.reports["seen"] == 1);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  CHECK(play.service("gateway").breaker == "closed");
}

TEST_CASE("reporter: the debt survives a stop, and is told the same way") {
  coordinator_play play;
  play.told.script = [](const patch_seen& x) {
    if (is_final_patch(x))
      return patch_fate{100ms, no_answer(), false, {}};
    return patch_fate{};
  };
  play.start();
  play.begin(7);
  play.advance(30s);
  auto before = play.told.of_status("COMPLETED");
  REQUIRE(before.size() > 1);
  play.stop();
  play.told.script = nullptr;
  play.start();
  play.advance(60s);
  CHECK(play.told.of_status("COMPLETED").back().update == before[0].update);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  CHECK(play.status(7) == job_status::completed);
  // Nothing is owed: the next start takes nothing up.
  auto calls = play.told.seen.size();
  play.stop();
  play.start();
  play.advance(60s);
  CHECK(play.told.seen.size() == calls);
}

TEST_CASE("reporter: progress yields to work at the gateway's gate") {
  coordinator_play play;
  play.policies["gateway"].max_concurrent = 1;
  play.workers.shape = {1, 2, "hi"};
  play.told.script = [](const patch_seen&) {
    return patch_fate{900ms, {}, true, {}};
  };
  play.start();
  for (auto id = 1; id <= 5; ++id)
    play.begin(id);
  // One permit: fetches of 1 s each go before any progress report.
  play.advance(5s);
  for (auto id = 1; id <= 5; ++id) {
    REQUIRE(play.workers.seen.size() >= 5);
    CHECK(play.view(id).row.source_object_key
          == "1_film " + std::to_string(id) + ".mp4");
  }
  CHECK(play.told.seen.size() <= 1);
  play.advance(10min);
  for (auto id = 1; id <= 5; ++id)
    CHECK(play.told.rows.at(id).status == "COMPLETED");
}
