#include "core/eta/weight_history.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// A share that has changed by so much makes a new version.
constexpr float noticeable = 0.05F;
constexpr ms shortest_life{3'600'000};
/// Long enough for the version to be on disk before a job begins with it.
constexpr ms notice{60'000};

bool is_sound(const weight_history::version& x) {
  auto sum = 0.0F;
  for (auto w : x.weights) {
    if (!std::isfinite(w) || w < 0)
      return false;
    sum += w;
  }
  return sum > 0;
}

bool begins_before(time_point t, const weight_history::version& x) {
  return t < x.from;
}

} // namespace

const stage_weights& weight_history::at(time_point begun) const {
  auto i = std::upper_bound(versions_.begin(), versions_.end(), begun,
                            begins_before);
  if (i != versions_.begin())
    return std::prev(i)->weights;
  return versions_.size() < most ? first_ : versions_.front().weights;
}

const stage_weights& weight_history::newest() const {
  return versions_.empty() ? first_ : versions_.back().weights;
}

void weight_history::add(version next) {
  if (!is_sound(next)
      || (!versions_.empty() && next.from <= versions_.back().from))
    return;
  versions_.push_back(next);
  if (versions_.size() > most)
    versions_.erase(versions_.begin());
}

std::optional<weight_history::version>
weight_history::next(const by_kind<double>& learned, time_point now) const {
  if (!versions_.empty() && now < versions_.back().from + shortest_life)
    return std::nullopt;
  double all = 0;
  for (auto x : learned)
    all += x;
  version out{now + notice, {}};
  auto changed = false;
  for (std::size_t i = 0; i < work_kinds; ++i) {
    out.weights[i] = static_cast<float>(learned[i] / all);
    changed |= std::abs(out.weights[i] - newest()[i]) > noticeable;
  }
  return changed && is_sound(out) ? std::optional{out} : std::nullopt;
}

void weight_history::restore(std::vector<version> from) {
  versions_.clear();
  for (auto& x : from)
    add(x);
}

} // namespace dubber
