/// How good the times left are that jobs show, over simulated loads, and what
/// they cost. Each figure stands next to its limit; the loads and the limits of
/// coverage are those of tests/estimates.
#include "core/eta/forecaster.hpp"
#include "tests/estimates/load_play.hpp"

#include <chrono>
#include <cstdio>

using namespace dubber;
using namespace dubber::test;

namespace {

constexpr double least_covered = 0.85;
constexpr double most_covered = 0.95;
constexpr double limit_width = 2.5;
constexpr double limit_read_us = 20;
constexpr double limit_change_us = 50;
constexpr std::uint64_t jobs_at_once = 100'000;

void print(const std::string& name, const coverage& x, double hours) {
  std::printf("%-34s %6.0f %7zu %6.1f %% %6.1f %% %9.1f %% %8.2f %6.0f %% "
              "%6.1f %%\n",
              name.c_str(), hours, x.looks, 100 * x.p50, 100 * x.p90,
              100 * x.p90_by_job, x.width, 100 * x.off, 100 * x.told);
}

const char* judged(bool kept) {
  return kept ? "kept" : "MISSED";
}

bool coverage_is_kept() {
  std::printf("%-34s %6s %7s %8s %8s %11s %8s %8s %8s\n", "load", "hours",
              "looks", "p50", "p90", "p90 by job", "p90/p50", "p50 off",
              "told");
  std::vector<one_look> all;
  double hours = 0;
  int jobs = 0;
  for (auto& load : usual_loads()) {
    auto out = play(load);
    print(load.name, coverage_of(out.looks), out.hours);
    for (auto x : out.looks) {
      x.job += jobs;
      all.push_back(x);
    }
    jobs += load.jobs;
    hours += out.hours;
  }
  auto sum = coverage_of(all);
  print("all together", sum, hours);
  auto covers = sum.p90 >= least_covered && sum.p90 <= most_covered;
  std::printf("\np90 covers %.1f %% of looks                 limit %.0f to "
              "%.0f: %s\n",
              100 * sum.p90, 100 * least_covered, 100 * most_covered,
              judged(covers));
  std::printf("p90 is %.2f times p50 (median)             limit %.1f: %s\n",
              sum.width, limit_width, judged(sum.width <= limit_width));
  return covers && sum.width <= limit_width;
}

template <class F>
double microseconds_each(std::uint64_t n, F what) {
  auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 1; i <= n; ++i)
    what(i);
  std::chrono::duration<double, std::micro> took
    = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(n);
}

bool cost_is_kept() {
  forecaster forecasts;
  job_state job;
  job.stages.resize(job.plan->stages.size());
  time_point now{ms{1'700'000'000'000}};
  auto change = microseconds_each(jobs_at_once, [&](std::uint64_t n) {
    job.row.job_no = n;
    forecasts.changed(job, false, now + ms{static_cast<ms::rep>(n)});
  });
  double sum = 0;
  auto read = microseconds_each(
    jobs_at_once, [&](std::uint64_t n) { sum += forecasts.left(n, now)->p50; });
  std::printf("noting a job's step, of %llu jobs: %.1f us  limit %.0f: %s\n",
              static_cast<unsigned long long>(jobs_at_once), change,
              limit_change_us, judged(change <= limit_change_us));
  std::printf("reading a time left:               %.1f us  limit %.0f: %s\n",
              read, limit_read_us, judged(read <= limit_read_us && sum > 0));
  return change <= limit_change_us && read <= limit_read_us;
}

} // namespace

int main() {
  auto covers = coverage_is_kept();
  return cost_is_kept() && covers ? 0 : 1;
}
