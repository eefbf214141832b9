#include "tests/simulation/breaker_model.hpp"

#include <algorithm>

namespace dubber::sim {

const char* to_string(breaker_model::is what) {
  switch (what) {
  case breaker_model::is::closed:
    return "closed";
  case breaker_model::is::open:
    return "open";
  case breaker_model::is::half_open:
    return "half_open";
  default:
    return "forced_open";
  }
}

breaker_model::is breaker_model::at(time_point t) const {
  if (by_hand_)
    return is::forced_open;
  if (!trip_)
    return is::closed;
  return t < trip_->until.value_or(trip_->latest) ? is::open : is::half_open;
}

int breaker_model::room(time_point t, int most) const {
  switch (at(t)) {
  case is::closed:
    return most;
  case is::half_open:
    return std::clamp(policy_.half_open_calls - trip_->probes - trip_->good, 0,
                      most);
  default:
    return 0;
  }
}

int breaker_model::leaves(time_point t) {
  if (at(t) == is::half_open)
    ++trip_->probes;
  return spell_;
}

void breaker_model::vanished(int spell) {
  if (spell == spell_ && trip_)
    --trip_->probes;
}

void breaker_model::came_back(int spell, bool failed, bool slow, time_point t) {
  if (spell != spell_)
    return;
  if (trip_) {
    --trip_->probes;
    if (failed)
      open(t);
    else if (++trip_->good >= policy_.half_open_calls)
      close();
    return;
  }
  in_a_row_ = failed ? in_a_row_ + 1 : 0;
  window_.push_back({t, failed, slow});
  forget_old(t);
  if (is_too_bad())
    open(t);
}

void breaker_model::forget_old(time_point t) {
  auto by_count = policy_.window_calls > 0;
  auto is_old = [&](const seen& x) {
    return by_count
             ? window_.size() > static_cast<std::size_t>(policy_.window_calls)
             : t - x.at > policy_.window;
  };
  while (is_old(window_.front()))
    window_.pop_front();
}

bool breaker_model::is_too_bad() const {
  if (in_a_row_ >= policy_.consecutive)
    return true;
  auto calls = static_cast<double>(window_.size());
  auto failed = std::count_if(window_.begin(), window_.end(),
                              [](auto& x) { return x.failed; });
  auto slow = std::count_if(window_.begin(), window_.end(),
                            [](auto& x) { return x.slow; });
  return window_.size() >= static_cast<std::size_t>(policy_.min_calls)
         && (static_cast<double>(failed) / calls >= policy_.failure_rate
             || static_cast<double>(slow) / calls >= policy_.slow_rate);
}

void breaker_model::open(time_point t) {
  ++spell_;
  auto length = policy_.open;
  for (auto n = 0; n < trips_ && length < policy_.open_cap; ++n)
    length *= 2;
  length = std::min(length, std::max(policy_.open, policy_.open_cap));
  ++trips_;
  trip_ = trip{};
  trip_->earliest = t + length;
  trip_->latest = t + length + length / 5;
}

void breaker_model::close() {
  ++spell_;
  trip_.reset();
  trips_ = 0;
  in_a_row_ = 0;
  window_.clear();
}

void breaker_model::order_open() {
  if (by_hand_)
    return;
  ++spell_;
  by_hand_ = true;
}

void breaker_model::order_closed() {
  by_hand_ = false;
  close();
}

void breaker_model::order_auto() {
  if (!by_hand_)
    return;
  ++spell_;
  by_hand_ = false;
  if (trip_) {
    trip_->probes = 0;
    trip_->good = 0;
  }
}

void breaker_model::configure(const breaker_policy& policy) {
  policy_ = policy;
  // Enough probes have succeeded by now.
  if (!by_hand_ && trip_ && trip_->good > 0
      && trip_->good >= policy_.half_open_calls)
    close();
}

std::string breaker_model::adopt(std::optional<time_point> until,
                                 time_point t) {
  if (!trip_ || trip_->until || by_hand_)
    return {};
  // It said nothing of its end: that has passed already.
  auto end = until.value_or(trip_->earliest);
  if (end < trip_->earliest || end > trip_->latest || (!until && t < end))
    return "it is open for a time that the policy does not say";
  trip_->until = end;
  return {};
}

} // namespace dubber::sim
