#include "core/remote_task.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

using what = remote_step::what;
using news = std::vector<task_news>;

constexpr time_point now{ms{1'000'000}};
constexpr ms minute{60'000};

dispatch out_until(time_point deadline) {
  return {"t", "k", deadline, true, false};
}

} // namespace

TEST_CASE("remote task: what was never given out is") {
  CHECK(next_step({}, {}, now) == remote_step{what::send});
}

TEST_CASE("remote task: until the deadline nobody else gets the work") {
  auto x = out_until(now + minute);
  for (auto heard : {task_news::none, task_news::running})
    CHECK(next_step({x}, {heard}, now) == remote_step{what::wait, 0});
  CHECK(next_step({x}, {task_news::none}, now + minute - ms{1}).kind
        == what::wait);
  CHECK(next_step({x}, {task_news::none}, now + minute).kind == what::send);
}

TEST_CASE("remote task: a failure that nobody has heard of is the attempt's") {
  auto x = out_until(now + minute);
  CHECK(next_step({x}, {task_news::failed}, now) == remote_step{what::fail, 0});
  // Then the work is given out again at once.
  x.ended = true;
  for (auto heard : {task_news::none, task_news::failed})
    CHECK(next_step({x}, {heard}, now) == remote_step{what::send});
}

TEST_CASE("remote task: what fails after its deadline was charged already") {
  auto x = out_until(now - minute);
  CHECK(next_step({x}, {task_news::failed}, now) == remote_step{what::send});
  auto y = out_until(now + minute);
  CHECK(next_step({x, y}, {task_news::failed, task_news::none}, now)
        == remote_step{what::wait, 1});
}

TEST_CASE("remote task: a late result is as good as one in time") {
  auto late = out_until(now - minute);
  auto later = out_until(now + minute);
  CHECK(next_step({late}, {task_news::done}, now)
        == remote_step{what::take, 0});
  CHECK(next_step({late, later}, {task_news::done, task_news::running}, now)
        == remote_step{what::take, 0});
  CHECK(next_step({late, later}, {task_news::none, task_news::none}, now)
        == remote_step{what::wait, 1});
}

TEST_CASE("remote task: a result that was of no use is not taken again") {
  auto x = out_until(now + minute);
  x.ended = true;
  CHECK(next_step({x}, {task_news::done}, now) == remote_step{what::send});
}

TEST_CASE("remote task: what may be out or not is taken back first") {
  auto x = out_until(now + minute);
  x.sent = false;
  CHECK(next_step({x}, {task_news::none}, now)
        == remote_step{what::send, 0, {0}});
  // A worker has it after all.
  CHECK(next_step({x}, {task_news::running}, now)
        == remote_step{what::wait, 0});
  auto y = out_until(now + minute);
  CHECK(next_step({y, x}, {task_news::none, task_news::none}, now)
        == remote_step{what::wait, 0, {1}});
}

TEST_CASE("remote task: few dispatches are remembered, the newest") {
  std::vector<dispatch> out;
  for (std::size_t i = 0; i < most_dispatches + 5; ++i)
    remember(out, {std::to_string(i), "k", now, true, false});
  CHECK(out.size() == most_dispatches);
  CHECK(out.front().id == "5");
  CHECK(out.back().id == std::to_string(most_dispatches + 4));
}
