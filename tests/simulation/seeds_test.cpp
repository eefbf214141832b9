/// Seeds that anybody can run again: `./dev simulate --from SEED --seeds 1
/// --show`.
#include "tests/simulation/simulation.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;
using namespace dubber::sim;

namespace {

verdict_of_seed run(std::uint64_t seed) {
  simulation world{seed};
  return world.run();
}

/// Every promise is kept in each of an eighth of the two thousand.
void run_part(std::uint64_t first) {
  std::map<job_status, int> ended;
  auto crashes = 0;
  for (auto seed = first; seed < first + 250; ++seed) {
    auto out = run(seed);
    CAPTURE(seed, out.broken);
    REQUIRE(out.broken.empty());
    crashes += out.crashes;
    for (auto& [status, n] : out.ended)
      ended[status] += n;
  }
  // They are worth running: all ends occur, and processes die.
  for (auto status : {job_status::completed, job_status::failed,
                      job_status::cancelled, job_status::rejected})
    CHECK(ended[status] > 0);
  CHECK(crashes > 100);
}

} // namespace

TEST_CASE("seeds 1 to 250 keep every promise") {
  run_part(1);
}

TEST_CASE("seeds 251 to 500 keep every promise") {
  run_part(251);
}

TEST_CASE("seeds 501 to 750 keep every promise") {
  run_part(501);
}

TEST_CASE("seeds 751 to 1000 keep every promise") {
  run_part(751);
}

TEST_CASE("seeds 1001 to 1250 keep every promise") {
  run_part(1001);
}

TEST_CASE("seeds 1251 to 1500 keep every promise") {
  run_part(1251);
}

TEST_CASE("seeds 1501 to 1750 keep every promise") {
  run_part(1501);
}

TEST_CASE("seeds 1751 to 2000 keep every promise") {
  run_part(1751);
}

TEST_CASE("a seed runs the same way each time, bit for bit") {
  std::set<std::uint64_t> traces;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto once = run(seed);
    auto again = run(seed);
    CAPTURE(seed);
    CHECK(once.trace == again.trace);
    CHECK(once.steps == again.steps);
    traces.insert(once.trace);
  }
  CHECK(traces.size() == 40);
}
