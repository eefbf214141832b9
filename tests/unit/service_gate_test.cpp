#include "core/service_gate.hpp"

#include "tests/support/catch.hpp"

#include <random>

using namespace dubber;

namespace {

time_point at(int millis) {
  return time_point{ms{millis}};
}

using tickets = std::vector<ticket>;

} // namespace

TEST_CASE("gate: no more than the bulkhead, first in first out in a job") {
  service_gate g{2, {}};
  for (std::uint64_t id = 1; id <= 3; ++id)
    REQUIRE(g.ask({1, id}, 0));
  CHECK(g.grant(at(0)) == tickets{{1, 1}, {1, 2}});
  CHECK(g.grant(at(0)).empty());
  g.ended({1, 1}, false, at(1));
  CHECK(g.grant(at(1)) == tickets{{1, 3}});
  CHECK(g.waiting() == 0);
}

TEST_CASE("gate: priority, then the fewest permits, then served longest ago") {
  service_gate g{1, {}};
  for (std::uint64_t id = 1; id <= 3; ++id)
    g.ask({1, id}, 0);
  g.ask({2, 11}, 0);
  g.ask({3, 21}, 5);
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 5; ++i) {
    auto next = g.grant(at(i));
    REQUIRE(next.size() == 1);
    order.push_back(next[0].id);
    g.ended(next[0], false, at(i));
  }
  CHECK(order == std::vector<std::uint64_t>{21, 1, 11, 2, 3});
  service_gate wide{4, {}};
  for (std::uint64_t id = 1; id <= 9; ++id)
    wide.ask({1, id}, 0);
  wide.ask({2, 11}, 0);
  wide.ask({2, 12}, 0);
  CHECK(wide.grant(at(0)) == tickets{{1, 1}, {2, 11}, {1, 2}, {2, 12}});
}

TEST_CASE("gate: a full queue refuses") {
  service_gate g{1, {}, 1};
  CHECK(g.ask({1, 1}, 0));
  CHECK_FALSE(g.ask({1, 2}, 0));
}

TEST_CASE("gate: withdrawing frees the place or the permit") {
  service_gate g{1, {}};
  g.ask({1, 1}, 0);
  g.ask({1, 2}, 0);
  g.ask({1, 3}, 0);
  g.grant(at(0));
  g.withdraw({1, 2}, at(0));
  g.withdraw({1, 2}, at(0));
  CHECK(g.waiting() == 1);
  g.withdraw({1, 1}, at(0));
  CHECK(g.running() == 0);
  CHECK(g.grant(at(0)) == tickets{{1, 3}});
}

TEST_CASE("gate: an open breaker holds the queue, then one probe leaves") {
  service_gate g{4, breaker_policy{1, ms{100}, 1}};
  g.ask({1, 1}, 0);
  g.grant(at(0));
  g.ended({1, 1}, true, at(0));
  CHECK_FALSE(g.wake_at(at(0)));
  g.ask({1, 2}, 0);
  g.ask({1, 3}, 0);
  CHECK(g.grant(at(0)).empty());
  CHECK(g.wake_at(at(0)) == at(100));
  CHECK(g.held_until(at(0)) == at(100));
  CHECK(g.grant(at(100)) == tickets{{1, 2}});
  g.ended({1, 2}, false, at(101));
  CHECK(g.breaker_state(at(101)) == breaker::state::closed);
  CHECK(g.grant(at(101)) == tickets{{1, 3}});
}

TEST_CASE("gate: random use loses no ticket and never exceeds the bulkhead") {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 rng{seed};
    service_gate g{3, breaker_policy{1'000, ms{10}, 1}};
    tickets running;
    std::uint64_t id = 0;
    std::size_t granted = 0;
    for (int i = 0; i < 300; ++i) {
      if (id < 200)
        g.ask({rng() % 5, ++id}, static_cast<int>(rng() % 3));
      for (auto& t : g.grant(at(i)))
        running.push_back(t), ++granted;
      REQUIRE(running.size() <= 3);
      REQUIRE(g.running() == running.size());
      REQUIRE(granted + g.waiting() == id);
      if (!running.empty()) {
        g.ended(running.back(), false, at(i));
        running.pop_back();
      }
    }
    CHECK(g.waiting() == 0);
  }
}

TEST_CASE("gate: 100,000 waiting jobs") {
  service_gate g{8, {}};
  for (std::uint64_t n = 1; n <= 100'000; ++n)
    REQUIRE(g.ask({n, n}, 0));
  std::size_t served = 0;
  for (auto next = g.grant(at(0)); !next.empty(); next = g.grant(at(0)))
    for (auto& t : next) {
      ++served;
      g.ended(t, false, at(0));
    }
  CHECK(served == 100'000);
}
