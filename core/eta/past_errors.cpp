#include "core/eta/past_errors.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// Added to both times: a job that ends in 0.1 s instead of 0.01 s is not off
/// by ten times.
constexpr double grain = 1;
/// Longer than alone by so much: it waits for others.
constexpr double queued_from = 1.5;
constexpr float largest_ratio = 1e4F;

/// The smallest ratio that is not below the next one with this probability.
/// @param sorted By ratio; the next one weighs as much as their mean.
double at_rank(const std::vector<past_errors::one>& sorted, double share) {
  double all = 0;
  for (auto& x : sorted)
    all += x.weight;
  auto n = static_cast<double>(sorted.size());
  auto wanted = share * all * (n + 1) / n;
  for (auto& x : sorted) {
    wanted -= x.weight;
    if (wanted <= 0)
      return x.ratio;
  }
  return sorted.back().ratio;
}

} // namespace

std::size_t past_errors::phase_of(const work_left& left) {
  if (!left.length_known)
    return 0;
  switch (left.at) {
  case work_kind::fetch:
  case work_kind::extract:
  case work_kind::transcribe:
    return 1;
  case work_kind::translate:
  case work_kind::speak:
    return 2;
  default:
    return 3;
  }
}

std::size_t past_errors::class_of(const work_left& left, const way& expected) {
  auto queued = expected.all > queued_from * expected.alone + grain;
  return 2 * phase_of(left) + (queued ? 1 : 0);
}

void past_errors::add(std::size_t cls, double expected, double real,
                      double weight) {
  auto& all = ratios_[cls];
  if (all.size() == most)
    all.erase(all.begin());
  auto ratio = static_cast<float>((real + grain) / (expected + grain));
  all.push_back({std::min(largest_ratio, ratio), static_cast<float>(weight)});
  refresh();
}

std::optional<past_errors::factors>
past_errors::quantiles(std::initializer_list<const std::vector<one>*> of) {
  std::vector<one> all;
  for (auto* part : of)
    all.insert(all.end(), part->begin(), part->end());
  if (all.size() < fewest)
    return std::nullopt;
  std::sort(all.begin(), all.end(),
            [](auto& a, auto& b) { return a.ratio < b.ratio; });
  return factors{at_rank(all, 0.5), at_rank(all, 0.9)};
}

void past_errors::refresh() {
  auto& r = ratios_;
  auto any
    = quantiles({&r[0], &r[1], &r[2], &r[3], &r[4], &r[5], &r[6], &r[7]});
  for (std::size_t phase = 0; phase < phases; ++phase) {
    auto pair = quantiles({&r[2 * phase], &r[2 * phase + 1]});
    for (auto cls : {2 * phase, 2 * phase + 1}) {
      auto own = quantiles({&r[cls]});
      factors_[cls] = own ? *own : pair ? *pair : any.value_or(factors{});
    }
  }
}

time_left past_errors::left(std::size_t cls, double expected) const {
  auto& by = factors_[cls];
  auto scaled = [&](double factor) {
    return std::max(0.0, (expected + grain) * factor - grain);
  };
  auto half = scaled(by.half);
  return {half, std::max(half, scaled(by.most))};
}

void past_errors::restore(memory from) {
  ratios_ = std::move(from);
  for (auto& all : ratios_) {
    std::erase_if(all, [](const one& x) {
      return !std::isfinite(x.ratio) || x.ratio <= 0 || x.ratio > largest_ratio
             || !std::isfinite(x.weight) || x.weight <= 0;
    });
    if (all.size() > most)
      all.erase(all.begin(), all.end() - most);
  }
  refresh();
}

} // namespace dubber
