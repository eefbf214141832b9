#include "core/endpoints.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr ms shortest_out{1'000};
constexpr ms longest_out{60'000};

} // namespace

endpoints::endpoints(std::size_t count) {
  resize(count);
}

void endpoints::resize(std::size_t count) {
  all_.assign(std::max<std::size_t>(count, 1), {});
  turn_ = 0;
}

std::size_t endpoints::granted(time_point now, bool retry) {
  auto best = turn_ % all_.size();
  // Of one that failed nobody knows yet whether it is well again: one call at a
  // time finds out, and none that has failed before.
  constexpr int out = 2;
  auto rank = [&](const one& x) {
    if (now < x.out_until)
      return out;
    return x.failed_in_a_row > 0 && (retry || x.open > 0) ? 1 : 0;
  };
  auto is_better = [&](const one& x, const one& y) {
    if (rank(x) != rank(y))
      return rank(x) < rank(y);
    // All are out: the one whose time comes first.
    if (rank(x) == out && x.out_until != y.out_until)
      return x.out_until < y.out_until;
    return x.open < y.open;
  };
  for (std::size_t step = 1; step < all_.size(); ++step) {
    auto i = (turn_ + step) % all_.size();
    if (is_better(all_[i], all_[best]))
      best = i;
  }
  turn_ = best + 1;
  ++all_[best].open;
  return best;
}

void endpoints::released(std::size_t index) {
  if (index < all_.size() && all_[index].open > 0)
    --all_[index].open;
}

bool endpoints::ended(std::size_t index, bool blamed, time_point now) {
  released(index);
  if (index >= all_.size())
    return false; // a URL of an earlier policy
  auto& mine = all_[index];
  if (!blamed) {
    mine.failed_in_a_row = 0;
    mine.out_until = {};
    return false;
  }
  // Calls that were open together count as one failure.
  if (now >= mine.out_until) {
    auto doublings = std::min(mine.failed_in_a_row++, 10);
    mine.out_until
      = now + std::min(longest_out, shortest_out * (1 << doublings));
  }
  return std::all_of(all_.begin(), all_.end(),
                     [now](const one& x) { return now < x.out_until; });
}

} // namespace dubber
