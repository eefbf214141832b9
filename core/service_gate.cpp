#include "core/service_gate.hpp"

#include <algorithm>
#include <limits>

namespace dubber {

service_gate::service_gate(int max_concurrent, breaker_policy policy,
                           std::size_t max_waiting)
  : max_concurrent_(max_concurrent), max_waiting_(max_waiting),
    breaker_(policy) {
  // nop
}

service_gate::rank service_gate::rank_of(lane_key key) const {
  auto used = in_use_.find(key.first);
  auto served = served_.find(key.first);
  return {-key.second, used == in_use_.end() ? 0 : used->second,
          served == served_.end() ? 0 : served->second, key.first};
}

/// The job's standing has changed: its lanes move in the order.
void service_gate::reinsert(std::uint64_t job_no) {
  for (auto i = lanes_.lower_bound({job_no, std::numeric_limits<int>::min()});
       i != lanes_.end() && i->first.first == job_no; ++i) {
    order_.erase(i->second.place);
    i->second.place = rank_of(i->first);
    order_.emplace(i->second.place, i->first);
  }
}

bool service_gate::ask(ticket who, int priority) {
  if (waiting_ >= max_waiting_)
    return false;
  lane_key key{who.job_no, priority};
  auto [i, fresh] = lanes_.try_emplace(key);
  i->second.ids.push_back(who.id);
  if (fresh) {
    i->second.place = rank_of(key);
    order_.emplace(i->second.place, key);
  }
  asked_[who.id] = priority;
  ++waiting_;
  return true;
}

bool service_gate::take_running(ticket who) {
  if (running_.erase(who.id) == 0)
    return false;
  auto used = in_use_.find(who.job_no);
  if (--used->second == 0)
    in_use_.erase(used);
  reinsert(who.job_no);
  return true;
}

void service_gate::withdraw(ticket who, time_point now) {
  if (take_running(who)) {
    breaker_.released(now);
    return;
  }
  auto asked = asked_.find(who.id);
  if (asked == asked_.end())
    return;
  auto i = lanes_.find({who.job_no, asked->second});
  asked_.erase(asked);
  auto& ids = i->second.ids;
  ids.erase(std::find(ids.begin(), ids.end(), who.id));
  --waiting_;
  if (ids.empty()) {
    order_.erase(i->second.place);
    lanes_.erase(i);
  }
}

void service_gate::ended(ticket who, bool blamed, time_point now) {
  if (take_running(who))
    breaker_.ended(blamed, now);
}

std::vector<ticket> service_gate::grant(time_point now) {
  std::vector<ticket> out;
  while (waiting_ > 0
         && running_.size() < static_cast<std::size_t>(max_concurrent_)
         && breaker_.may_call(now)) {
    auto key = order_.begin()->second;
    auto i = lanes_.find(key);
    ticket who{key.first, i->second.ids.front()};
    i->second.ids.pop_front();
    --waiting_;
    asked_.erase(who.id);
    if (i->second.ids.empty()) {
      order_.erase(i->second.place);
      lanes_.erase(i);
    }
    running_[who.id] = who.job_no;
    ++in_use_[who.job_no];
    served_[who.job_no] = ++turn_;
    // Bounds the memory: who was served long ago is as good as new. The ranks
    // in `order_` keep their old values until their job moves, which is
    // harmless.
    if (served_.size() > 2 * max_waiting_)
      served_.clear();
    reinsert(who.job_no);
    breaker_.granted(now);
    out.push_back(who);
  }
  return out;
}

std::optional<time_point> service_gate::wake_at(time_point now) const {
  if (waiting_ == 0)
    return std::nullopt;
  return breaker_.open_until(now);
}

} // namespace dubber
