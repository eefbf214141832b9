/// Whether the times left can be trusted, over the loads of `./dev bench eta`.
#include "tests/estimates/load_play.hpp"
#include "tests/support/catch.hpp"

using namespace dubber::test;

TEST_CASE("time left: p90 covers 85 to 95 % of the looks at jobs") {
  std::vector<one_look> looks;
  int jobs = 0;
  for (auto& load : usual_loads()) {
    CAPTURE(load.name);
    auto one = play(load);
    auto own = coverage_of(one.looks);
    // A few hundred jobs that meet in one queue are not many chances: each load
    // alone may be off by more, but not by much.
    CHECK(own.p90 >= 0.80);
    CHECK(own.p90 <= 0.97);
    CHECK(one.fallen == 0); // progress
    for (auto& x : one.looks) {
      looks.push_back(x);
      looks.back().job += jobs;
    }
    jobs += load.jobs;
  }
  auto all = coverage_of(looks);
  CHECK(all.looks > 20'000);
  CHECK(all.p90 >= 0.85);
  CHECK(all.p90 <= 0.95);
  CHECK(all.p90_by_job >= 0.85);
  CHECK(all.p90_by_job <= 0.96);
  CHECK(all.p50 >= 0.42);
  CHECK(all.p50 <= 0.58);
  // It says something: always is right too, and useless.
  CHECK(all.width <= 2.5);
  CHECK(all.told >= 0.95);
}
