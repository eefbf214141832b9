/// Taking up many unfinished jobs at the start, in virtual time.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;

namespace {

/// Unfinished jobs in the journal, each with 20 segments of which the first is
/// translated, as one process leaves them to the next.
void leave_behind(coordinator_play& play, std::int64_t jobs) {
  play.workers.shape = {1, 20, "hi"};
  play.max_open_jobs = 10'000;
  for (auto& [name, policy] : play.policies)
    policy.max_concurrent = 10'000;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    auto hangs = order.stage == "translate" && order.item > 0;
    return scripted_reply{hangs ? 20s : 10ms, {}, false};
  };
  play.start();
  for (std::int64_t id = 1; id <= jobs; ++id)
    play.begin(id);
  play.advance(5s);
  play.stop();
  play.policies = test::plain_policies();
}

} // namespace

TEST_CASE(
  "recovery: a job that waits holds one place at each gate, not one for "
  "each of its segments") {
  coordinator_play play;
  leave_behind(play, 2'000);
  play.workers.script = [](const work_order&, const attempt_info&) {
    return scripted_reply{9h, {}, false};
  };
  play.start();
  auto translate = play.service("translate");
  auto limit = play.policies["translate"].max_concurrent;
  CHECK(translate.running == static_cast<std::size_t>(limit));
  CHECK(translate.waiting >= 2'000 - static_cast<std::size_t>(limit));
  CHECK(translate.waiting <= 2'000);
}

TEST_CASE(
  "recovery: what is left is told, and a job in the middle of the queue "
  "shows itself at once") {
  coordinator_play play;
  leave_behind(play, 600); // more than a page
  play.start();
  CHECK(play.metrics.left.back() == 0);
  for (std::int64_t id : {1, 300, 600})
    CHECK(play.view(id).stages.at(3).items_done >= 1);
}

TEST_CASE(
  "recovery: open jobs count against MAX_OPEN_JOBS before they are taken "
  "up") {
  coordinator_play play;
  leave_behind(play, 600);
  play.max_open_jobs = 600;
  play.start();
  play.begin(9'999);
  REQUIRE(!play.answers.empty());
  auto refused = std::get_if<intake_refused>(&play.answers.back());
  REQUIRE(refused);
  CHECK(refused->why == intake_refused::reason::full);
}

TEST_CASE("recovery: all that was taken up comes to its end") {
  coordinator_play play;
  leave_behind(play, 40);
  play.workers.script = nullptr;
  play.workers.most.clear();
  play.start();
  play.advance(10min);
  for (std::int64_t id = 1; id <= 40; ++id)
    CHECK(play.status(id) == job_status::completed);
  CHECK(play.workers.most["translate"]
        <= play.policies["translate"].max_concurrent);
}
