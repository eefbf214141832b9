#include "tests/simulation/gate_model.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

constexpr ms first_out{1'000};
constexpr ms longest_out{60'000};

} // namespace

bool urls_model::any_left(time_point t) const {
  return std::any_of(all_.begin(), all_.end(),
                     [t](auto& x) { return x.out_until <= t; });
}

bool urls_model::is_best(const leaving& call, time_point t) const {
  auto on_trial = [&](const url& x) {
    return x.failures > 0 && (call.retry || x.open > 0);
  };
  auto& mine = all_[call.where];
  return std::all_of(all_.begin(), all_.end(), [&](const url& x) {
    auto mine_out = mine.out_until > t;
    if (mine_out || x.out_until > t)
      return !mine_out || (x.out_until > t && mine.out_until <= x.out_until);
    if (on_trial(mine) != on_trial(x))
      return on_trial(x);
    return mine.open <= x.open;
  });
}

bool urls_model::leaves(const leaving& call, time_point t) {
  if (call.where >= all_.size() || !is_best(call, t))
    return false;
  ++all_[call.where].open;
  return true;
}

void urls_model::vanished(std::size_t which) {
  --all_[which].open;
}

bool urls_model::came_back(std::size_t which, bool failed, time_point t) {
  auto& one = all_[which];
  --one.open;
  if (!failed) {
    one.failures = 0;
    one.out_until = {};
    return true;
  }
  if (one.out_until <= t) {
    auto length = first_out;
    for (auto n = 0; n < one.failures && length < longest_out; ++n)
      length *= 2;
    one.out_until = t + std::min(length, longest_out);
    ++one.failures;
  }
  return !any_left(t);
}

} // namespace dubber::sim
