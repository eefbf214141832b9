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

std::string urls_model::leave(const std::vector<std::size_t>& where,
                              time_point t) {
  for (auto which : where) {
    if (which >= all_.size())
      return "a call goes to a URL that is not there";
    ++all_[which].open;
  }
  if (!any_left(t))
    return {};
  auto fewest = all_[where.empty() ? 0 : where.front()].open;
  for (auto& x : all_)
    if (x.out_until <= t)
      fewest = std::min(fewest, x.open);
  for (auto which : where) {
    if (all_[which].out_until > t)
      return "a call goes to a URL that fails, though there is another";
    if (all_[which].open - 1 > fewest)
      return "a call goes to a URL that has more open calls than another";
  }
  return {};
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
