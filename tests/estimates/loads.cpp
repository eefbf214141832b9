#include "tests/estimates/load_play.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace dubber::test {

namespace {

double median(std::vector<double> all) {
  if (all.empty())
    return 0;
  auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

} // namespace

std::vector<load> usual_loads() {
  load base;
  auto quiet = base;
  quiet.name = "one job now and then";
  auto steady = base;
  steady.name = "steady, services half busy";
  steady.between = 75;
  auto busy = base;
  busy.name = "busy, services nine tenths busy";
  busy.between = 42;
  auto bursts = base;
  bursts.name = "bursts of 20 jobs";
  bursts.together = 20;
  bursts.between = 1'800;
  auto films = base;
  films.name = "clips, and films of two hours";
  films.between = 300;
  films.media_seconds = 90;
  films.film_share = 0.1;
  auto noisy = base;
  noisy.name = "noisy services, 5 % of calls fail";
  noisy.between = 90;
  noisy.noise = 0.9;
  noisy.job_noise = 0.4;
  noisy.failing = 0.05;
  auto outage = base;
  outage.name = "tts away for 10 min every 3 h";
  outage.between = 75;
  outage.away = outage_plan{"tts", 3'600, 10'800, 600};
  auto slower = base;
  slower.name = "asr slows down to half its speed";
  slower.between = 120;
  slower.slower = 2;
  std::vector<load> out{quiet, steady, busy,   bursts,
                        films, noisy,  outage, slower};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].seed = 1 + i;
  return out;
}

coverage coverage_of(const std::vector<one_look>& looks) {
  coverage out;
  std::vector<double> widths;
  std::vector<double> offs;
  struct sums {
    double looks = 0;
    double within = 0;
  };
  std::map<int, sums> jobs;
  for (auto& x : looks) {
    if (!x.told)
      continue;
    auto& job = jobs[x.job];
    job.looks += 1;
    job.within += x.real <= x.p90;
    out.p50 += x.real <= x.p50;
    out.p90 += x.real <= x.p90;
    ++out.looks;
    widths.push_back((x.p90 + 1) / (x.p50 + 1));
    offs.push_back(std::abs(x.real - x.p50) / (x.real + 1));
  }
  for (auto& [job, x] : jobs)
    out.p90_by_job += x.within / x.looks / static_cast<double>(jobs.size());
  auto told = static_cast<double>(std::max<std::size_t>(1, out.looks));
  out.p50 /= told;
  out.p90 /= told;
  out.told = static_cast<double>(out.looks)
             / static_cast<double>(std::max<std::size_t>(1, looks.size()));
  out.width = median(widths);
  out.off = median(offs);
  return out;
}

} // namespace dubber::test
