#include "core/learned_speed.hpp"

#include "tests/support/catch.hpp"

#include <limits>

using namespace dubber;

namespace {

constexpr timeout_policy most{ms{60'000}, ms{4'000}};

/// A service that takes 100 ms for each second of media, and one more.
learned_speed seasoned() {
  learned_speed out;
  for (int i = 0; i < 40; ++i)
    out.succeeded(i, ms{100 * (i + 1)});
  return out;
}

} // namespace

TEST_CASE("speed: the policy counts until enough calls were seen") {
  learned_speed s;
  for (std::size_t i = 0; i + 1 < fewest_paces; ++i)
    s.succeeded(10, ms{100});
  CHECK(s.deadline(30, 1, most) == most.of(30));
  CHECK_FALSE(s.expected(30, 0.5));
  s.succeeded(10, ms{100});
  CHECK(s.deadline(30, 1, most) == ms{10'000}); // a sixth of the base
}

TEST_CASE("speed: a clip and a film have each their own deadline") {
  auto s = seasoned();
  CHECK(s.expected(9, 0.5) == ms{1'000});
  CHECK(s.deadline(29, 1, most) == ms{12'000});
  CHECK(s.deadline(10'799, 1, most) == ms{4'320'000});
  CHECK(s.longest() == 39);
}

TEST_CASE("speed: each failed attempt doubles it, up to the policy's") {
  auto s = seasoned();
  CHECK(s.deadline(29, 2, most) == ms{24'000});
  CHECK(s.deadline(29, 3, most) == ms{48'000});
  CHECK(s.deadline(29, 50, most) == most.of(29));
}

TEST_CASE("speed: a service that has become slower gets more time") {
  auto s = seasoned();
  auto before = s.deadline(29, 1, most);
  for (int i = 0; i < 20; ++i)
    s.timed_out(29, before);
  CHECK(s.deadline(29, 1, most) == ms{96'000});
  for (std::size_t i = 0; i < most_paces; ++i)
    s.succeeded(29, ms{3'000});
  CHECK(s.calls() == most_paces);
  CHECK(s.deadline(29, 1, most) == before);
}

TEST_CASE("speed: it is the same after a restart, whatever the file holds") {
  auto s = seasoned();
  learned_speed again;
  again.restore(s.remembered());
  CHECK(again.deadline(29, 1, most) == s.deadline(29, 1, most));
  auto damaged = s.remembered();
  damaged.paces.push_back(-1);
  damaged.paces.push_back(std::numeric_limits<double>::quiet_NaN());
  damaged.longest = -5;
  again.restore(damaged);
  CHECK(again.calls() == s.calls());
  CHECK(again.longest() == 0);
}
