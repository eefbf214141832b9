#include "core/eta/backlog.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

std::size_t backlog::class_of(int priority) {
  return priority < 0 ? 0 : priority == 0 ? 1 : 2;
}

std::size_t backlog::bucket_of(double cost) {
  auto n = std::ceil(std::log2(std::max(cost, 1e-9) * 16));
  return static_cast<std::size_t>(
    std::clamp(n, 0.0, static_cast<double>(buckets - 1)));
}

void backlog::count(who job, const work_left& left, int sign) {
  auto at = index_of(left.at);
  auto& pools = pools_[class_of(job.priority)][at];
  for (auto i = at; i < work_kinds; ++i) {
    if (left.calls[i] == 0)
      continue;
    auto& b = pools[i][bucket_of(left.cost[i])];
    b.jobs += sign;
    b.seconds += sign * static_cast<double>(left.cost[i]);
    if (b.jobs < 0.5)
      b = {};
  }
  if (first_ == 0)
    first_ = job.job_no;
  auto number = static_cast<double>(job.job_no) - static_cast<double>(first_);
  auto& a = ages_[at];
  a.count += sign;
  a.sum += sign * number;
  a.squares += sign * number * number;
  if (a.count < 0.5)
    a = {};
}

void backlog::add(who job, const work_left& left) {
  count(job, left, 1);
  ++jobs_;
}

void backlog::remove(who job, const work_left& left) {
  count(job, left, -1);
  --jobs_;
}

double backlog::older(std::uint64_t job_no, work_kind kind) const {
  auto& a = ages_[index_of(kind)];
  if (a.count < 1)
    return 0;
  auto number = static_cast<double>(job_no) - static_cast<double>(first_);
  auto mean = a.sum / a.count;
  // As if their numbers were spread evenly: that is sqrt(12) deviations wide.
  auto width = std::sqrt(12 * std::max(0.0, a.squares / a.count - mean * mean));
  if (width < 1)
    return number > mean ? 1 : 0;
  return std::clamp(0.5 + (number - mean) / width, 0.0, 1.0);
}

double backlog::at_most(const pool& in, double cost) {
  double out = 0;
  for (auto& b : in)
    out += std::min(b.seconds, b.jobs * cost);
  return out;
}

double backlog::all_of(const pool& in) {
  double out = 0;
  for (auto& b : in)
    out += b.seconds;
  return out;
}

double backlog::before(who job, const work_left& left, work_kind kind) const {
  auto own = class_of(job.priority);
  auto at = index_of(left.at);
  auto k = index_of(kind);
  // The first call of each goes before anybody's second.
  auto calls = std::max<double>(1, left.calls[at]);
  auto ahead = older(job.job_no, left.at);
  auto alike = ahead + (1 - ahead) * (1 - 1 / calls);
  double out = 0;
  for (auto where = at; where <= k; ++where) {
    for (auto higher = own + 1; higher < priorities; ++higher)
      out += all_of(pools_[higher][where][k]);
    out += (where == at ? alike : 1)
           * at_most(pools_[own][where][k], left.of(kind));
  }
  return out;
}

double backlog::due(who job, work_kind kind) const {
  auto k = index_of(kind);
  double out = 0;
  for (auto p = class_of(job.priority); p < priorities; ++p)
    out += all_of(pools_[p][k][k]);
  return out;
}

} // namespace dubber
