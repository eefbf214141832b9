/// What is on its way to the journal, or to the gateway, when a person wants
/// something else. The simulator found each of these.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

/// Starts, and dubs job 7 up to the moment when the gateway has been asked once
/// whether it has the final state.
void complete(coordinator_play& play) {
  play.start();
  play.begin(7);
  for (auto i = 0; i < 600 && play.told.gets < 1; ++i)
    play.advance(100ms);
  REQUIRE(play.status(7) == job_status::completed);
  REQUIRE(play.told.gets == 1);
}

control_command wish(control_verb what, const std::string& stage = {}) {
  control_command out;
  out.what = what;
  out.job_id = 7;
  out.stage = stage;
  out.by = "somebody";
  return out;
}

} // namespace

TEST_CASE("overtaken: a report that is wanted again while the first is about "
          "to be settled") {
  coordinator_play play;
  complete(play);
  play.store.commit_trouble = "I/O error";
  play.advance(11s); // it is seen, and that is not on record
  play.give(wish(control_verb::redo, "report"));
  play.store.commit_trouble.clear();
  play.advance(30s);
  CHECK(play.facts<ev::run_started>(1).size() == 1);
  CHECK(play.told.of_status("COMPLETED").size() == 2);
  CHECK(play.facts<ev::report_delivered>(1).size() == 2);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("overtaken: what was seen of one run does not settle the next") {
  coordinator_play play;
  complete(play);
  play.store.commit_trouble = "I/O error";
  play.give(wish(control_verb::redo, "upload"));
  play.give(wish(control_verb::cancel));
  play.advance(11s); // the end of the first run is seen
  play.store.commit_trouble.clear();
  play.advance(30s);
  CHECK(play.status(7) == job_status::cancelled);
  CHECK(play.told.rows.at(7).status == "FAILED");
  CHECK(play.facts<ev::report_delivered>(1).size() == 1);
}

TEST_CASE("overtaken: a result on its way to the journal is not made again") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    auto slow = order.stage == "translate" && order.item == 1;
    return scripted_reply{slow ? 5s : 1s, {}};
  };
  auto commits = 0;
  play.store.on_commit = [&](std::span<const journal_append* const> batch) {
    for (auto x : batch)
      for (auto& fact : x->events)
        if (std::holds_alternative<ev::job_resumed>(fact.body))
          play.store.commit_trouble = "I/O error"; // all that comes after it
    ++commits;
  };
  play.start();
  play.begin(7);
  for (auto i = 0; i < 100 && play.workers.of("translate", 1).empty(); ++i)
    play.advance(100ms);
  play.control(7, control_verb::pause);
  play.advance(1s);
  play.store.commit_trouble = "I/O error";
  play.give(wish(control_verb::resume));
  play.advance(5s); // its answer waits behind the wish
  play.store.commit_trouble.clear();
  play.advance(5s);
  REQUIRE(play.store.commit_trouble == "I/O error");
  CHECK(play.facts<ev::job_resumed>(1).size() == 1);
  CHECK(play.workers.of("translate", 1).size() == 1);
  play.store.commit_trouble.clear();
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.of("translate", 1).size() == 1);
}

TEST_CASE("overtaken: all attempts anew, also for a call that was under way") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  play.policies["translate"].breaker.consecutive = 100;
  play.policies["translate"].breaker.min_calls = 100;
  play.policies["translate"].budget.min = 9;
  auto mended = false;
  play.workers.script = [&](const work_order& order, const attempt_info& info) {
    if (order.stage != "translate" || order.item == 0 || mended)
      return scripted_reply{};
    // The second segment gives up while the last attempt of the third is open.
    auto last = order.item == 2 && info.number == 4;
    return fails(fault_code::bad_answer, last ? ms{20s} : ms{1s});
  };
  play.start();
  play.begin(7);
  for (auto i = 0; i < 600 && play.status(7) != job_status::parked; ++i)
    play.advance(100ms);
  REQUIRE(play.status(7) == job_status::parked);
  REQUIRE(play.workers.of("translate", 2).size() == 4);
  REQUIRE_FALSE(play.workers.of("translate", 2).back().ended);
  mended = true;
  play.control(7, control_verb::retry);
  play.advance(60s); // the last attempt of before fails
  CHECK(play.facts<ev::job_parked>(1).size() == 1);
  CHECK(play.workers.of("translate", 2).back().number == 1);
  CHECK(play.status(7) == job_status::completed);
}
