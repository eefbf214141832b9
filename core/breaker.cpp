#include "core/breaker.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// A window by time is bounded as well: rates of so many calls are sure enough.
constexpr std::size_t most_calls = 10'000;
constexpr double jitter = 0.2;

} // namespace

breaker::state breaker::current(time_point now) const {
  if (forced_)
    return state::forced_open;
  if (!tripped_)
    return state::closed;
  return now < until_ ? state::open : state::half_open;
}

bool breaker::may_call(time_point now) const {
  switch (current(now)) {
  case state::closed:
    return true;
  case state::half_open:
    return probes_ + successes_ < policy_.half_open_calls;
  default:
    return false;
  }
}

std::uint64_t breaker::granted(time_point now) {
  if (current(now) == state::half_open)
    ++probes_;
  return era_;
}

void breaker::trip(time_point now, double chance) {
  ++era_;
  ++trips_;
  tripped_ = true;
  probes_ = 0;
  successes_ = 0;
  auto open = static_cast<double>(policy_.open.count());
  auto cap = std::max(open, static_cast<double>(policy_.open_cap.count()));
  open = std::min(cap, open * std::pow(2.0, std::min(trips_ - 1, 30)));
  until_ = now + ms{static_cast<ms::rep>(open * (1 + jitter * chance))};
}

void breaker::close() {
  ++era_;
  forced_ = false;
  tripped_ = false;
  trips_ = 0;
  probes_ = 0;
  successes_ = 0;
  window_.clear();
  seen_ = {};
}

void breaker::configure(breaker_policy policy) {
  policy_ = policy;
  if (tripped_ && !forced_ && successes_ > 0
      && successes_ >= policy_.half_open_calls)
    close();
}

void breaker::force_open() {
  if (!forced_)
    ++era_;
  forced_ = true;
}

void breaker::release() {
  if (!forced_)
    return;
  ++era_;
  forced_ = false;
  probes_ = 0;
  successes_ = 0;
}

void breaker::drop_oldest() {
  auto& how = window_.front().how;
  --seen_.calls;
  seen_.failed -= how.blamed;
  seen_.slow -= how.slow;
  window_.pop_front();
}

void breaker::count(call_outcome how, time_point now) {
  window_.push_back({now, how});
  ++seen_.calls;
  seen_.failed += how.blamed;
  seen_.slow += how.slow;
  seen_.in_a_row = how.blamed ? seen_.in_a_row + 1 : 0;
  auto limit = policy_.window_calls > 0
                 ? static_cast<std::size_t>(policy_.window_calls)
                 : most_calls;
  while (window_.size() > limit)
    drop_oldest();
  while (policy_.window_calls == 0 && window_.front().at + policy_.window < now)
    drop_oldest();
}

bool breaker::is_too_much() const {
  if (seen_.in_a_row >= policy_.consecutive)
    return true;
  if (seen_.calls < policy_.min_calls)
    return false;
  auto share = [this](int n) {
    return static_cast<double>(n) / seen_.calls;
  };
  return share(seen_.failed) >= policy_.failure_rate
         || share(seen_.slow) >= policy_.slow_rate;
}

void breaker::ended(std::uint64_t era, call_outcome how, time_point now,
                    double chance) {
  if (era != era_)
    return; // left in another state: says nothing of this one
  if (tripped_) {
    --probes_;
    if (how.blamed)
      trip(now, chance);
    else if (++successes_ >= policy_.half_open_calls)
      close();
    return;
  }
  count(how, now);
  if (is_too_much())
    trip(now, chance);
}

void breaker::released(std::uint64_t era) {
  if (era == era_ && tripped_)
    --probes_;
}

std::optional<time_point> breaker::open_until(time_point now) const {
  if (current(now) != state::open)
    return std::nullopt;
  return until_;
}

std::string_view to_string(breaker::state state) {
  switch (state) {
  case breaker::state::closed:
    return "closed";
  case breaker::state::open:
    return "open";
  case breaker::state::half_open:
    return "half_open";
  default:
    return "forced_open";
  }
}

} // namespace dubber
