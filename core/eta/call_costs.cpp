#include "core/eta/call_costs.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

constexpr double sureness = 3;   ///< of the first guess, in calls
constexpr double doubt = 0.95;   ///< of it, with each call
constexpr double fading = 0.995; ///< a call counts half after 138 others
constexpr double job_fading = 0.98;
constexpr double least_cost = 1e-3;
constexpr double first_seconds = 300;
constexpr double first_segments_a_second = 0.2;

/// Calls count by how far off they are in proportion, not in seconds.
void count(call_cost::memory& sums, double x, double y, double near,
           double times) {
  auto w = times / ((x + near) * (x + near));
  sums.w += w;
  sums.x += w * x;
  sums.xx += w * x * x;
  sums.y += w * y;
  sums.xy += w * x * y;
}

bool is_sound(double x) {
  return std::isfinite(x) && x >= 0;
}

/// The embedded engines on a small computer (docs/engines.md), roughly.
call_cost::guess first_guess(work_kind kind) {
  switch (kind) {
  case work_kind::extract:
    return {0.5, 0.01, 300};
  case work_kind::transcribe:
    return {1, 0.25, 300};
  case work_kind::translate:
    return {0.2, 0, 60};
  case work_kind::speak:
    return {0.2, 0.05, 5};
  case work_kind::merge:
    return {1, 0.03, 300};
  case work_kind::upload:
    return {0.2, 0.002, 300};
  default:
    return {0.05, 0, 60};
  }
}

} // namespace

call_cost::call_cost() : call_cost(guess{}) {
  // nop
}

call_cost::call_cost(guess first) : guess_(first) {
  solve();
}

void call_cost::saw(double media_seconds, double took_seconds) {
  if (!is_sound(media_seconds) || !is_sound(took_seconds))
    return;
  for (auto sum : {&seen_.w, &seen_.x, &seen_.xx, &seen_.y, &seen_.xy})
    *sum *= fading;
  count(seen_, media_seconds, took_seconds, guess_.far / 10, 1);
  seen_.calls += 1;
  solve();
}

void call_cost::solve() {
  auto all = seen_;
  auto sure = sureness * std::max(1e-6, std::pow(doubt, seen_.calls));
  for (auto x : {guess_.far / 10, guess_.far})
    count(all, x, guess_.base + guess_.slope * x, guess_.far / 10, sure);
  auto det = all.w * all.xx - all.x * all.x;
  slope_ = (all.w * all.xy - all.x * all.y) / det;
  base_ = (all.y - slope_ * all.x) / all.w;
  if (slope_ < 0) {
    slope_ = 0;
    base_ = all.y / all.w;
  } else if (base_ < 0) {
    base_ = 0;
    slope_ = all.xy / all.xx;
  }
}

double call_cost::of(double media_seconds) const {
  return std::max(least_cost, base_ + slope_ * std::max(0.0, media_seconds));
}

void call_cost::restore(const memory& from) {
  auto sound = is_sound(from.calls) && is_sound(from.w) && is_sound(from.x)
               && is_sound(from.xx) && is_sound(from.y) && is_sound(from.xy);
  seen_ = sound ? from : memory{};
  solve();
}

call_costs::call_costs() {
  for (std::size_t i = 0; i < work_kinds; ++i)
    calls_[i] = call_cost{first_guess(static_cast<work_kind>(i))};
}

void call_costs::saw_call(work_kind kind, double media_seconds,
                          double took_seconds) {
  calls_[index_of(kind)].saw(media_seconds, took_seconds);
}

void call_costs::saw_job(double media_seconds, double segments) {
  if (!is_sound(media_seconds) || !is_sound(segments))
    return;
  for (auto sum : {&jobs_.jobs, &jobs_.seconds, &jobs_.segments})
    *sum *= job_fading;
  jobs_.jobs += 1;
  jobs_.seconds += media_seconds;
  jobs_.segments += segments;
}

double call_costs::of(work_kind kind, double media_seconds) const {
  auto as = kind == work_kind::report ? work_kind::fetch : kind;
  return calls_[index_of(as)].of(media_seconds);
}

double call_costs::usual_seconds() const {
  return (jobs_.seconds + sureness * first_seconds) / (jobs_.jobs + sureness);
}

double call_costs::usual_segments(double media_seconds) const {
  auto seconds = jobs_.seconds + sureness * first_seconds;
  auto segments
    = jobs_.segments + sureness * first_seconds * first_segments_a_second;
  return std::max(1.0, media_seconds * segments / seconds);
}

call_costs::memory call_costs::remembered() const {
  auto out = jobs_;
  for (std::size_t i = 0; i < work_kinds; ++i)
    out.calls[i] = calls_[i].remembered();
  return out;
}

void call_costs::restore(const memory& from) {
  for (std::size_t i = 0; i < work_kinds; ++i)
    calls_[i].restore(from.calls[i]);
  auto sound
    = is_sound(from.jobs) && is_sound(from.seconds) && is_sound(from.segments);
  jobs_ = sound ? from : memory{};
}

} // namespace dubber
