/// MAX_OPEN_CALLS: one bound over all services, in virtual time.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

#include <numeric>

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;

namespace {

/// Most calls that were open at one moment, over all services.
std::size_t most_at_once(const test::scripted_worker& workers) {
  std::map<time_point, int> change; // what ends at a moment ends first
  std::map<time_point, int> ended;
  for (auto& x : workers.seen) {
    ++change[x.began];
    if (x.ended)
      ++ended[*x.ended];
  }
  std::size_t most = 0;
  int open = 0;
  for (auto& [at, n] : ended)
    change[at] -= n;
  for (auto& [at, n] : change) {
    open += n;
    most = std::max(most, static_cast<std::size_t>(open));
  }
  return most;
}

} // namespace

TEST_CASE("open calls: many gates, one bound, and every job ends") {
  coordinator_play play;
  play.max_open_calls = 8;
  play.workers.shape = {1, 20, "hi"};
  for (auto& [name, policy] : play.policies)
    policy.max_concurrent = 50;
  play.start();
  for (auto id = 1; id <= 10; ++id)
    play.begin(id);
  play.advance(5min);
  for (auto id = 1; id <= 10; ++id)
    CHECK(play.status(id) == job_status::completed);
  CHECK(most_at_once(play.workers) <= 8);
  // It is used as far as it goes: one place is kept for each idle service.
  CHECK(most_at_once(play.workers) >= 4);
}

TEST_CASE("open calls: hours of one service do not shut out another") {
  coordinator_play play;
  play.max_open_calls = 8;
  play.policies["media"].max_concurrent = 50;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return scripted_reply{order.stage == "extract" ? 9min : 1s, {}, false};
  };
  play.start();
  for (auto id = 1; id <= 12; ++id)
    play.begin(id);
  play.advance(20s);
  // All are fetched while the calls of the media worker last.
  for (auto id = 1; id <= 12; ++id)
    CHECK_FALSE(play.view(id).row.source_object_key.empty());
  CHECK(play.workers.running("media") >= 2);
  CHECK(play.workers.running("media") <= 3); // 8 less one for each other
  auto waits = play.view(12).waiting_for;
  REQUIRE(waits);
  CHECK(waits->kind == "permit");
  CHECK(waits->service == "media");
  CHECK(waits->limit == "MAX_OPEN_CALLS");
  play.advance(2h);
  for (auto id = 1; id <= 12; ++id)
    CHECK(play.status(id) == job_status::completed);
}

TEST_CASE("open calls: the service's own limit is not taken for the bound") {
  coordinator_play play;
  play.policies["media"].max_concurrent = 1;
  play.workers.script = [](const work_order&, const attempt_info&) {
    return scripted_reply{10s, {}, false};
  };
  play.start();
  play.begin(1);
  play.begin(2);
  play.advance(15s);
  auto waits = play.view(2).waiting_for;
  REQUIRE(waits);
  CHECK(waits->service == "media");
  CHECK(waits->limit.empty());
}

TEST_CASE("open calls: places of a job that is cancelled are free again") {
  coordinator_play play;
  play.max_open_calls = 6;
  play.workers.shape = {1, 8, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    auto hangs = order.job_id == 1 && order.stage == "translate";
    return scripted_reply{hangs ? 20s : 1s, {}, false};
  };
  play.start();
  play.begin(1);
  play.advance(10s);
  REQUIRE(play.workers.running("translate") == 1);
  play.begin(2);
  play.advance(3s);
  CHECK(play.workers.of("translate").size() == 1);
  play.control(1, control_verb::cancel);
  play.advance(2min);
  CHECK(play.status(1) == job_status::cancelled);
  CHECK(play.status(2) == job_status::completed);
}
