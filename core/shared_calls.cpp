#include "core/shared_calls.hpp"

#include <algorithm>

namespace dubber {

shared_calls::part shared_calls::ask(const std::string& key,
                                     std::uint64_t who) {
  auto call = calls_.try_emplace(key).first;
  call->second.push_back(who);
  asked_[who] = call;
  return call->second.size() == 1 ? part::leads : part::waits;
}

std::vector<std::uint64_t> shared_calls::settled(const std::string& key) {
  auto call = calls_.find(key);
  if (call == calls_.end())
    return {};
  auto out = std::move(call->second);
  calls_.erase(call);
  for (auto who : out)
    asked_.erase(who);
  return out;
}

std::optional<std::uint64_t> shared_calls::gone(std::uint64_t who) {
  auto asked = asked_.find(who);
  if (asked == asked_.end())
    return std::nullopt;
  auto call = asked->second;
  asked_.erase(asked);
  auto& all = call->second;
  auto led = all.front() == who;
  all.erase(std::find(all.begin(), all.end(), who));
  if (all.empty()) {
    calls_.erase(call);
    return std::nullopt;
  }
  return led ? std::optional{all.front()} : std::nullopt;
}

std::optional<std::uint64_t>
shared_calls::leader(const std::string& key) const {
  auto call = calls_.find(key);
  return call == calls_.end() ? std::nullopt
                              : std::optional{call->second.front()};
}

} // namespace dubber
