#include "core/breaker.hpp"

#include "tests/support/catch.hpp"

#include <random>

using namespace dubber;

namespace {

using state = breaker::state;

constexpr call_outcome good{false, false};
constexpr call_outcome bad{true, false};
constexpr call_outcome slow{false, true};

time_point at(int millis) {
  return time_point{ms{millis}};
}

/// Rates off: only failures in a row count.
breaker_policy in_a_row(int consecutive, int probes = 1) {
  breaker_policy p;
  p.consecutive = consecutive;
  p.open = ms{100};
  p.open_cap = ms{400};
  p.half_open_calls = probes;
  p.min_calls = 1'000'000;
  return p;
}

breaker_policy by_rate(int min_calls, double rate) {
  auto p = in_a_row(1'000'000);
  p.min_calls = min_calls;
  p.failure_rate = rate;
  p.window = ms{1'000};
  return p;
}

void call(breaker& b, call_outcome how, int millis) {
  auto era = b.granted(at(millis));
  b.ended(era, how, at(millis), 0);
}

breaker tripped_at_zero(int probes = 1) {
  breaker b{in_a_row(2, probes)};
  call(b, bad, 0);
  call(b, bad, 0);
  return b;
}

} // namespace

TEST_CASE("breaker: failures in a row trip it, a success in between does not") {
  breaker b{in_a_row(2)};
  call(b, bad, 0);
  call(b, good, 0);
  call(b, bad, 0);
  CHECK(b.current(at(0)) == state::closed);
  call(b, bad, 0);
  CHECK(b.current(at(0)) == state::open);
  CHECK_FALSE(b.may_call(at(99)));
  CHECK(b.open_until(at(99)) == at(100));
}

TEST_CASE("breaker: the rate counts from the least number of calls on") {
  breaker b{by_rate(4, 0.5)};
  call(b, bad, 0);
  call(b, good, 0);
  call(b, bad, 0);
  CHECK(b.current(at(0)) == state::closed);
  call(b, good, 0);
  CHECK(b.current(at(0)) == state::open);
}

TEST_CASE("breaker: what has left the window by time does not count") {
  breaker b{by_rate(4, 0.5)};
  call(b, bad, 0);
  call(b, bad, 0);
  for (int n = 0; n < 3; ++n)
    call(b, good, 1'001);
  CHECK(b.seen().calls == 3);
  CHECK(b.seen().failed == 0);
  call(b, bad, 1'001);
  CHECK(b.current(at(1'001)) == state::closed); // 1 of 4
}

TEST_CASE("breaker: a window of calls keeps so many") {
  auto p = by_rate(2, 0.5);
  p.window_calls = 4;
  breaker b{p};
  for (int n = 0; n < 4; ++n)
    call(b, good, n * 100'000);
  call(b, bad, 500'000);
  CHECK(b.seen().calls == 4);
  CHECK(b.current(at(500'000)) == state::closed);
  call(b, bad, 500'000);
  CHECK(b.current(at(500'000)) == state::open);
}

TEST_CASE("breaker: slow calls trip it by their own rate") {
  auto p = by_rate(3, 1.0);
  p.slow_rate = 0.6;
  breaker b{p};
  call(b, slow, 0);
  call(b, good, 0);
  CHECK(b.current(at(0)) == state::closed);
  call(b, slow, 0);
  CHECK(b.current(at(0)) == state::open);
}

TEST_CASE("breaker: half open lets the stated number of probes out") {
  auto b = tripped_at_zero(2);
  CHECK(b.current(at(100)) == state::half_open);
  CHECK_FALSE(b.open_until(at(100)));
  REQUIRE(b.may_call(at(100)));
  auto first = b.granted(at(100));
  REQUIRE(b.may_call(at(100)));
  auto second = b.granted(at(100));
  CHECK_FALSE(b.may_call(at(100)));
  SECTION("a neutral end frees the probe") {
    b.released(first);
    CHECK(b.may_call(at(101)));
  }
  SECTION("all of them have to succeed") {
    b.ended(first, good, at(101), 0);
    CHECK(b.current(at(101)) == state::half_open);
    CHECK_FALSE(b.may_call(at(101)));
    b.ended(second, good, at(102), 0);
    CHECK(b.current(at(102)) == state::closed);
    CHECK(b.seen().calls == 0);
  }
  SECTION("a failure opens it again, for twice as long, up to the cap") {
    b.ended(first, bad, at(101), 0);
    CHECK(b.open_until(at(101)) == at(301));
    b.ended(second, good, at(102), 0); // of the era before
    CHECK(b.open_until(at(102)) == at(301));
    b.ended(b.granted(at(301)), bad, at(301), 0);
    CHECK(b.open_until(at(301)) == at(701));
    b.ended(b.granted(at(701)), bad, at(701), 0);
    CHECK(b.open_until(at(701)) == at(1'101));
    CHECK(b.open_until(at(701)) <= at(701 + 400));
  }
}

TEST_CASE("breaker: calls of another era say nothing") {
  breaker b{in_a_row(2)};
  auto old = b.granted(at(0));
  call(b, bad, 0);
  call(b, bad, 0);
  REQUIRE(b.current(at(0)) == state::open);
  b.ended(old, good, at(50), 0); // left while it was closed
  CHECK(b.current(at(50)) == state::open);
  auto probe = b.granted(at(100));
  b.ended(old, bad, at(101), 0); // is not the probe
  CHECK(b.current(at(101)) == state::half_open);
  b.ended(probe, good, at(102), 0);
  CHECK(b.current(at(102)) == state::closed);
}

TEST_CASE("breaker: chance lengthens the open time by a fifth at most") {
  breaker b{in_a_row(1)};
  b.ended(b.granted(at(0)), bad, at(0), 0.999);
  CHECK(b.open_until(at(0)) > at(100));
  CHECK(b.open_until(at(0)) <= at(120));
}

TEST_CASE("breaker: by hand it stays open until it is closed by hand") {
  breaker b{in_a_row(1)};
  auto before = b.granted(at(0));
  b.force_open();
  CHECK(b.current(at(1'000'000)) == state::forced_open);
  CHECK_FALSE(b.may_call(at(1'000'000)));
  CHECK_FALSE(b.open_until(at(0)));
  b.ended(before, bad, at(1), 0);
  b.close();
  CHECK(b.current(at(1)) == state::closed);
  CHECK(b.may_call(at(1)));
}

TEST_CASE("breaker: fewer probes have to succeed, and have by now: it closes") {
  auto b = tripped_at_zero(2);
  call(b, good, 100);
  CHECK(b.current(at(100)) == state::half_open);
  b.configure(in_a_row(2, 1));
  CHECK(b.current(at(100)) == state::closed);
}

TEST_CASE("breaker: whatever happens, probes never exceed their number") {
  std::mt19937 rng{11};
  for (int round = 0; round < 200; ++round) {
    auto p = in_a_row(1 + static_cast<int>(rng() % 3),
                      1 + static_cast<int>(rng() % 3));
    p.min_calls = 3;
    breaker b{p};
    std::vector<std::uint64_t> open;
    std::size_t probes = 0;
    std::uint64_t era = 0;
    for (int t = 0; t < 2'000; t += static_cast<int>(rng() % 40)) {
      if (b.may_call(at(t)) && rng() % 2) {
        auto half = b.current(at(t)) == state::half_open;
        auto mine = b.granted(at(t));
        if (mine != era)
          era = mine, probes = 0;
        probes += half;
        open.push_back(mine);
        if (half)
          REQUIRE(probes <= static_cast<std::size_t>(p.half_open_calls) + 0);
      } else if (!open.empty()) {
        auto i = rng() % open.size();
        auto mine = open[i];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
        b.ended(mine, {rng() % 2 == 0, rng() % 5 == 0}, at(t), 0);
      }
    }
  }
}
