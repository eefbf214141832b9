#include "core/restart_window.hpp"
#include "core/retry_schedule.hpp"
#include "tests/support/catch.hpp"

#include <random>

using namespace dubber;

namespace {

time_point at(int millis) {
  return time_point{ms{millis}};
}

fault of(fault_code code) {
  return {code, "x", 0, std::nullopt};
}

} // namespace

TEST_CASE("retry: final faults and used-up attempts have no next pause") {
  retry_policy p;
  CHECK_FALSE(next_pause(p, 1, of(fault_code::refused), 0.5));
  CHECK_FALSE(next_pause(p, 5, of(fault_code::timeout), 0.5));
  CHECK(next_pause(p, 4, of(fault_code::timeout), 0.5));
}

TEST_CASE("retry: the pause grows up to the cap and stays inside its bound") {
  retry_policy p{100, ms{1'000}, 2.0, ms{60'000}, false};
  auto why = of(fault_code::timeout);
  CHECK(next_pause(p, 1, why, 0.0) == ms{1'000});
  CHECK(next_pause(p, 3, why, 0.0) == ms{4'000});
  CHECK(next_pause(p, 99, why, 0.0) == ms{60'000});
  auto jittered = p;
  jittered.jitter = true;
  std::mt19937 rng{7};
  std::uniform_real_distribution<double> chance{0.0, 1.0};
  for (int i = 0; i < 2'000; ++i) {
    auto n = 1 + i % 99;
    auto pause = next_pause(jittered, n, why, chance(rng));
    REQUIRE(pause);
    REQUIRE(*pause >= ms{0});
    REQUIRE(*pause <= *next_pause(p, n, why, 0.0));
  }
}

TEST_CASE("retry: Retry-After is a minimum of at most an hour") {
  auto why = of(fault_code::busy);
  why.retry_after = ms{5'000};
  CHECK(next_pause({}, 1, why, 0.0) == ms{5'000});
  why.retry_after = ms{86'400'000};
  CHECK(next_pause({}, 1, why, 0.0) == max_retry_after);
}

TEST_CASE("restart window: never more than the intensity in any period") {
  restart_window w{3, ms{100}};
  CHECK(w.may_restart(at(0)));
  CHECK(w.may_restart(at(10)));
  CHECK(w.may_restart(at(20)));
  CHECK_FALSE(w.may_restart(at(99)));
  CHECK(w.may_restart(at(100)));
  CHECK_FALSE(w.may_restart(at(109)));
}
