#include "core/service_gate.hpp"

#include "tests/support/catch.hpp"

#include <random>

using namespace dubber;

namespace {

time_point at(int millis) {
  return time_point{ms{millis}};
}

using tickets = std::vector<ticket>;

gate_policy of_width(int max_concurrent, std::size_t max_waiting = 200'000) {
  gate_policy out;
  out.max_concurrent = max_concurrent;
  out.max_waiting = max_waiting;
  return out;
}

gate_policy fragile(int max_concurrent, breaker_policy breaker) {
  auto out = of_width(max_concurrent);
  out.breaker = breaker;
  return out;
}

gate_wish of(int priority, double cost = 1) {
  return {priority, cost, false};
}

tickets granted(service_gate& g, time_point now) {
  tickets out;
  for (auto& x : g.grant(now))
    out.push_back(x.who);
  return out;
}

} // namespace

TEST_CASE("gate: no more than the bulkhead, first in first out in a job") {
  service_gate g{of_width(2)};
  for (std::uint64_t id = 1; id <= 3; ++id)
    REQUIRE(g.ask({1, id}, of(0), at(0)));
  CHECK(granted(g, at(0)) == tickets{{1, 1}, {1, 2}});
  CHECK(granted(g, at(0)).empty());
  g.ended({1, 1}, {false, false}, at(1), 0);
  CHECK(granted(g, at(1)) == tickets{{1, 3}});
  CHECK(g.waiting() == 0);
}

TEST_CASE("gate: priority, then the fewest permits, then served longest ago") {
  service_gate g{of_width(1)};
  for (std::uint64_t id = 1; id <= 3; ++id)
    g.ask({1, id}, of(0), at(0));
  g.ask({2, 11}, of(0), at(0));
  g.ask({3, 21}, of(5), at(0));
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 5; ++i) {
    auto next = granted(g, at(i));
    REQUIRE(next.size() == 1);
    order.push_back(next[0].id);
    g.ended(next[0], {false, false}, at(i), 0);
  }
  CHECK(order == std::vector<std::uint64_t>{21, 1, 11, 2, 3});
  service_gate wide{of_width(4)};
  for (std::uint64_t id = 1; id <= 9; ++id)
    wide.ask({1, id}, of(0), at(0));
  wide.ask({2, 11}, of(0), at(0));
  wide.ask({2, 12}, of(0), at(0));
  CHECK(granted(wide, at(0)) == tickets{{1, 1}, {2, 11}, {1, 2}, {2, 12}});
}

TEST_CASE("gate: a full queue refuses") {
  service_gate g{of_width(1, 1)};
  CHECK(g.ask({1, 1}, of(0), at(0)));
  CHECK_FALSE(g.ask({1, 2}, of(0), at(0)));
}

TEST_CASE("gate: withdrawing frees the place or the permit") {
  service_gate g{of_width(1)};
  g.ask({1, 1}, of(0), at(0));
  g.ask({1, 2}, of(0), at(0));
  g.ask({1, 3}, of(0), at(0));
  granted(g, at(0));
  g.withdraw({1, 2}, at(0));
  g.withdraw({1, 2}, at(0));
  CHECK(g.waiting() == 1);
  g.withdraw({1, 1}, at(0));
  CHECK(g.running() == 0);
  CHECK(granted(g, at(0)) == tickets{{1, 3}});
}

TEST_CASE("gate: an open breaker holds the queue, then one probe leaves") {
  service_gate g{fragile(4, breaker_policy{1, ms{100}, 1})};
  g.ask({1, 1}, of(0), at(0));
  granted(g, at(0));
  g.ended({1, 1}, {true, false}, at(0), 0);
  CHECK_FALSE(g.wake_at(at(0))); // nobody waits
  g.ask({1, 2}, of(0), at(0));
  g.ask({1, 3}, of(0), at(0));
  CHECK(granted(g, at(0)).empty());
  CHECK(g.wake_at(at(0)) == at(100));
  CHECK(g.circuit().open_until(at(0)) == at(100));
  CHECK(granted(g, at(100)) == tickets{{1, 2}});
  g.ended({1, 2}, {false, false}, at(101), 0);
  CHECK(g.circuit().current(at(101)) == breaker::state::closed);
  CHECK(granted(g, at(101)) == tickets{{1, 3}});
}

TEST_CASE("gate: random use loses no ticket and never exceeds the bulkhead") {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 rng{seed};
    service_gate g{fragile(3, breaker_policy{1'000, ms{10}, 1})};
    tickets running;
    std::uint64_t id = 0;
    std::size_t count = 0;
    for (int i = 0; i < 300; ++i) {
      if (id < 200)
        g.ask({rng() % 5, ++id}, of(static_cast<int>(rng() % 3)), at(i));
      for (auto& t : granted(g, at(i)))
        running.push_back(t), ++count;
      REQUIRE(running.size() <= 3);
      REQUIRE(g.running() == running.size());
      REQUIRE(count + g.waiting() == id);
      if (!running.empty()) {
        g.ended(running.back(), {false, false}, at(i), 0);
        running.pop_back();
      }
    }
    CHECK(g.waiting() == 0);
  }
}

TEST_CASE("gate: 100,000 waiting jobs") {
  service_gate g{of_width(8)};
  for (std::uint64_t n = 1; n <= 100'000; ++n)
    REQUIRE(g.ask({n, n}, of(0), at(0)));
  std::size_t served = 0;
  for (auto next = granted(g, at(0)); !next.empty(); next = granted(g, at(0)))
    for (auto& t : next) {
      ++served;
      g.ended(t, {false, false}, at(0), 0);
    }
  CHECK(served == 100'000);
}

TEST_CASE("gate: shares are by cost, running work counted") {
  service_gate g{of_width(1)};
  for (std::uint64_t id = 1; id <= 20; ++id)
    g.ask({1, id}, of(0, 30), at(0)); // a film
  CHECK(granted(g, at(0)) == tickets{{1, 1}});
  g.ask({2, 101}, of(0, 2), at(1)); // a clip comes
  g.ask({2, 102}, of(0, 2), at(1));
  g.ended({1, 1}, {}, at(2), 0);
  // It is held up by the one call that ran, and then served until it has had
  // as much.
  CHECK(granted(g, at(2)) == tickets{{2, 101}});
  g.ended({2, 101}, {}, at(3), 0);
  CHECK(granted(g, at(3)) == tickets{{2, 102}});
  g.ended({2, 102}, {}, at(4), 0);
  CHECK(granted(g, at(4)) == tickets{{1, 2}});
}

TEST_CASE("gate: who was away gets no credit for it") {
  service_gate g{of_width(1)};
  std::uint64_t id = 0;
  for (int n = 0; n < 50; ++n) {
    g.ask({1, ++id}, of(0), at(n));
    auto next = granted(g, at(n));
    g.ended(next.at(0), {}, at(n), 0);
  }
  for (int n = 0; n < 10; ++n) {
    g.ask({1, ++id}, of(0), at(100));
    g.ask({2, ++id}, of(0), at(100));
  }
  int second = 0;
  for (int n = 0; n < 10; ++n) {
    auto next = granted(g, at(100));
    second += next.at(0).job_no == 2;
    g.ended(next.at(0), {}, at(100), 0);
  }
  CHECK(second >= 5);
  CHECK(second <= 6);
}

TEST_CASE("gate: retries beyond the budget wait, first attempts pass them") {
  auto p = of_width(10);
  p.budget = {0.2, 1};
  service_gate g{p};
  for (std::uint64_t id = 1; id <= 4; ++id)
    g.ask({id, id}, {0, 1, true}, at(0));
  CHECK(granted(g, at(0)) == tickets{{1, 1}});
  CHECK(g.retries_running() == 1);
  CHECK(g.retries_allowed() == 1);
  g.ask({9, 9}, of(0), at(0));
  CHECK(granted(g, at(0)) == tickets{{9, 9}});
  g.ended({1, 1}, {}, at(1), 0);
  CHECK(granted(g, at(1)) == tickets{{2, 2}});
}

TEST_CASE("gate: who waits too long is sent away, a hold has its own limit") {
  auto p = fragile(1, breaker_policy{1, ms{100}, 1});
  p.breaker.open_cap = ms{100};
  p.queue_timeout = ms{1'000};
  p.max_hold = ms{300};
  service_gate g{p};
  using expiries = std::vector<gate_expiry>;
  SECTION("in the queue") {
    g.ask({1, 1}, of(0), at(0));
    g.ask({2, 2}, of(0), at(10));
    granted(g, at(10));
    CHECK(g.wake_at(at(10)) == at(1'010));
    CHECK(g.expire(at(1'009)).empty());
    CHECK(g.expire(at(1'010)) == expiries{{{2, 2}, false}});
    CHECK(g.waiting() == 0);
    CHECK_FALSE(g.wake_at(at(1'010)));
  }
  SECTION("held") {
    g.ask({1, 1}, of(0), at(0));
    granted(g, at(0));
    g.ask({2, 2}, of(0), at(0));
    g.ended({1, 1}, {true, false}, at(0), 0);
    CHECK(g.wake_at(at(0)) == at(100));
    CHECK(g.expire(at(299)).empty());
    CHECK(g.expire(at(300)) == expiries{{{2, 2}, true}});
  }
  SECTION("the time of a hold is no time in the queue, and is told") {
    g.ask({1, 1}, of(0), at(0));
    granted(g, at(0));
    g.ask({2, 2}, of(0), at(900));
    g.ended({1, 1}, {true, false}, at(900), 0);
    auto next = g.grant(at(1'000));
    REQUIRE(next.size() == 1);
    CHECK(next[0].held == ms{100});
  }
}

TEST_CASE("gate: opened and closed by hand") {
  service_gate g{of_width(1)};
  g.ask({1, 1}, of(0), at(0));
  g.force_open(at(0));
  CHECK(g.grant(at(1'000'000)).empty());
  g.close(at(1'000'000));
  CHECK(g.grant(at(1'000'000)).size() == 1);
}

TEST_CASE("gate: a budget of nothing lets one retry go where nothing runs") {
  gate_policy p;
  p.max_concurrent = 4;
  p.budget = {0.2, 0};
  service_gate g{p};
  gate_wish again;
  again.retry = true;
  g.ask({1, 1}, again, at(0));
  g.ask({1, 2}, again, at(0));
  CHECK(granted(g, at(0)) == tickets{{1, 1}});
  g.ended({1, 1}, {}, at(1), 0);
  CHECK(granted(g, at(1)) == tickets{{1, 2}});
}
