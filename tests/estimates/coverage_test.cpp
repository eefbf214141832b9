/// Whether the times left can be trusted, over the loads of `./dev bench eta`.
#include "tests/estimates/load_play.hpp"
#include "tests/support/catch.hpp"

using namespace dubber::test;

namespace {

struct played {
  std::vector<coverage> loads;
  coverage all;
  double fallen = 0;
};

/// Once for all tests.
const played& usual() {
  static const auto out = [] {
    played all;
    std::vector<one_look> looks;
    int jobs = 0;
    for (auto& load : usual_loads()) {
      auto one = play(load);
      all.loads.push_back(coverage_of(one.looks));
      all.fallen = std::max(all.fallen, one.fallen);
      for (auto& x : one.looks) {
        looks.push_back(x);
        looks.back().job += jobs;
      }
      jobs += load.jobs;
    }
    all.all = coverage_of(looks);
    return all;
  }();
  return out;
}

} // namespace

TEST_CASE("time left: p90 covers 85 to 95 % of all looks, and of all jobs") {
  auto& all = usual().all;
  CHECK(all.looks > 20'000);
  CHECK(all.by_look >= 0.85);
  CHECK(all.by_look <= 0.95);
  CHECK(all.p90 >= 0.85);
  CHECK(all.p90 <= 0.95);
}

TEST_CASE("time left: p90 covers 85 to 95 % of the looks under each load") {
  for (std::size_t i = 0; i < usual_loads().size(); ++i) {
    CAPTURE(usual_loads()[i].name);
    CHECK(usual().loads[i].by_look >= 0.85);
    CHECK(usual().loads[i].by_look <= 0.95);
  }
}
