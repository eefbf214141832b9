/// How good the times left are that jobs show, over simulated loads: the share
/// of looks at which a job took no longer than p50 and p90 said. The test
/// tests/estimates/coverage_test.cpp plays the same loads and holds the limits.
#include "tests/estimates/load_play.hpp"

#include <cstdio>

using namespace dubber::test;

namespace {

void print(const char* name, const coverage& x, double hours) {
  std::printf(
    "%-34s %7.1f %7zu %6.1f %% %6.1f %% %8.1f %% %9.2f %7.0f %% %6.1f %%\n",
    name, hours, x.looks, 100 * x.p50, 100 * x.p90, 100 * x.by_look, x.width,
    100 * x.off, 100 * x.told);
}

} // namespace

int main() {
  std::printf("%-34s %7s %7s %8s %8s %10s %9s %9s %8s\n", "load", "hours",
              "looks", "p50", "p90", "p90, look", "p90/p50", "p50 off", "told");
  std::vector<one_look> all;
  double hours = 0;
  int jobs = 0;
  for (auto& load : usual_loads()) {
    auto out = play(load);
    print(load.name.c_str(), coverage_of(out.looks), out.hours);
    for (auto x : out.looks) {
      x.job += jobs;
      all.push_back(x);
    }
    jobs += load.jobs;
    hours += out.hours;
  }
  print("all together", coverage_of(all), hours);
  return 0;
}
