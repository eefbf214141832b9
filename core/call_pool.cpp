#include "core/call_pool.hpp"

#include <algorithm>

namespace dubber {

bool call_pool::has_place_for(const user& x) const {
  if (open_ >= limit_)
    return false;
  if (x.open == 0)
    return true;
  auto kept = std::count_if(users_.begin(), users_.end(),
                            [](auto& kvp) { return kvp.second.open == 0; });
  return limit_ - open_ > static_cast<std::size_t>(kept);
}

call_pool::user_map::iterator call_pool::first() {
  auto best = users_.end();
  for (auto i = users_.begin(); i != users_.end(); ++i) {
    auto& x = i->second;
    if (!x.wants_since || !has_place_for(x))
      continue;
    if (best == users_.end() || x.open < best->second.open
        || (x.open == best->second.open
            && *x.wants_since < *best->second.wants_since))
      best = i;
  }
  return best;
}

bool call_pool::take(const std::string& service) {
  auto i = users_.try_emplace(service).first;
  auto& x = i->second;
  x.woken = false;
  if (!x.wants_since)
    x.wants_since = ++turn_;
  if (first() != i)
    return false;
  x.wants_since.reset();
  ++x.open;
  ++open_;
  return true;
}

void call_pool::give_back(const std::string& service) {
  auto& x = users_[service];
  --x.open;
  --open_;
}

void call_pool::wants_none(const std::string& service) {
  auto& x = users_[service];
  x.wants_since.reset();
  x.woken = false;
}

std::optional<std::string> call_pool::wake() {
  auto next = first();
  if (next == users_.end() || next->second.woken)
    return std::nullopt;
  next->second.woken = true;
  return next->first;
}

bool call_pool::is_wanting(std::string_view service) const {
  auto i = users_.find(service);
  return i != users_.end() && i->second.wants_since.has_value();
}

} // namespace dubber
