#include "core/service_gate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dubber {

namespace {

/// Shares of jobs that are not here at the moment; beyond, they are forgotten,
/// and who comes back begins at the gate's time.
constexpr std::size_t idle_shares = 4'096;

} // namespace

service_gate::service_gate(gate_policy policy)
  : policy_(policy), breaker_(policy.breaker) {
  // nop
}

void service_gate::configure(const gate_policy& policy, time_point now) {
  policy_ = policy;
  breaker_.configure(policy.breaker);
  note_state(now);
}

/// The job's standing has changed: its lanes move in the order.
void service_gate::reinsert(std::uint64_t job_no) {
  lane_key first{job_no, std::numeric_limits<int>::min(), false};
  for (auto i = lanes_.lower_bound(first);
       i != lanes_.end() && i->first.job_no == job_no; ++i) {
    auto& in = i->first.retry ? retrying_ : fresh_;
    in.erase(i->second.place);
    auto& own = shares_[job_no];
    i->second.place = {-i->first.priority, own.time, own.served, job_no};
    in.emplace(i->second.place, i->first);
  }
}

bool service_gate::ask(ticket who, gate_wish wish, time_point now) {
  if (asked_.size() >= policy_.max_waiting)
    return false;
  auto& own = shares_[who.job_no];
  if (own.active++ == 0)
    own.time = std::max(own.time, time_);
  lane_key key{who.job_no, wish.priority, wish.retry};
  lanes_[key].ids.push_back(who.id);
  asked_[who.id] = {key, std::max(wish.cost, 1e-3), now, held_total(now)};
  reinsert(who.job_no);
  return true;
}

void service_gate::leave_queue(std::uint64_t id) {
  auto i = asked_.find(id);
  auto l = lanes_.find(i->second.lane);
  auto& ids = l->second.ids;
  ids.erase(std::find(ids.begin(), ids.end(), id));
  if (ids.empty()) {
    (l->first.retry ? retrying_ : fresh_).erase(l->second.place);
    lanes_.erase(l);
  }
  asked_.erase(i);
}

/// One less of the job is here.
void service_gate::release(std::uint64_t job_no) {
  auto own = shares_.find(job_no);
  if (--own->second.active > 0)
    return;
  if (own->second.time <= time_)
    shares_.erase(own);
  else if (shares_.size() > idle_shares + 2 * (asked_.size() + running_.size()))
    std::erase_if(shares_, [](auto& x) { return x.second.active == 0; });
}

std::optional<service_gate::call> service_gate::take_running(ticket who) {
  auto i = running_.find(who.id);
  if (i == running_.end())
    return std::nullopt;
  auto out = i->second;
  running_.erase(i);
  retries_ -= out.retry;
  release(out.job_no);
  return out;
}

void service_gate::withdraw(ticket who, time_point) {
  if (auto open = take_running(who)) {
    breaker_.released(open->era);
  } else if (asked_.count(who.id)) {
    leave_queue(who.id);
    release(who.job_no);
  }
}

void service_gate::ended(ticket who, call_outcome how, time_point now,
                         double chance) {
  if (auto open = take_running(who)) {
    breaker_.ended(open->era, how, now, chance);
    note_state(now);
  }
}

std::size_t service_gate::retries_allowed() const {
  // Where nothing runs nothing would ever make room for it.
  auto least
    = running_.empty() ? std::max(policy_.budget.min, 1) : policy_.budget.min;
  auto part = policy_.budget.ratio * static_cast<double>(running_.size());
  return std::max(static_cast<std::size_t>(least),
                  static_cast<std::size_t>(std::floor(part)));
}

const service_gate::lane_key* service_gate::next_lane(bool probing) const {
  auto retry = !retrying_.empty() && retries_ < retries_allowed();
  if (fresh_.empty())
    return retry ? &retrying_.begin()->second : nullptr;
  if (retry && !probing && retrying_.begin()->first < fresh_.begin()->first)
    return &retrying_.begin()->second;
  return &fresh_.begin()->second;
}

bool service_gate::can_grant(time_point now) const {
  return running_.size() < static_cast<std::size_t>(policy_.max_concurrent)
         && breaker_.may_call(now) && next_lane(is_probing(now));
}

std::vector<gate_grant> service_gate::grant(time_point now, std::size_t most) {
  std::vector<gate_grant> out;
  while (out.size() < most && can_grant(now)) {
    auto key = *next_lane(is_probing(now));
    ticket who{key.job_no, lanes_.at(key).ids.front()};
    auto waited = asked_.at(who.id);
    leave_queue(who.id);
    auto& own = shares_[who.job_no];
    time_ = std::max(time_, own.time);
    own.time += waited.cost;
    own.served = ++turn_;
    running_[who.id] = {who.job_no, breaker_.granted(now), key.retry};
    retries_ += key.retry;
    reinsert(who.job_no);
    out.push_back({who, held_total(now) - waited.held_before});
  }
  return out;
}

/// Keeps the account of the time in which work is held.
void service_gate::note_state(time_point now) {
  auto closed = breaker_.current(now) == breaker::state::closed;
  if (!closed && !held_since_) {
    held_since_ = now;
  } else if (closed && held_since_) {
    held_ += now - *held_since_;
    held_since_.reset();
  }
}

ms service_gate::held_total(time_point now) const {
  return held_since_ ? held_ + (now - *held_since_) : held_;
}

std::vector<gate_expiry> service_gate::expire(time_point now) {
  std::vector<gate_expiry> out;
  while (!asked_.empty()) {
    auto& [id, oldest] = *asked_.begin();
    auto held = held_total(now) - oldest.held_before;
    auto queued = now - oldest.since - held;
    if (held < policy_.max_hold && queued < policy_.queue_timeout)
      break;
    ticket who{oldest.lane.job_no, id};
    leave_queue(id);
    release(who.job_no);
    out.push_back({who, held >= policy_.max_hold});
  }
  return out;
}

std::optional<time_point> service_gate::wake_at(time_point now) const {
  if (asked_.empty())
    return std::nullopt;
  auto& oldest = asked_.begin()->second;
  auto held = held_total(now) - oldest.held_before;
  auto wake = held_since_ ? now + (policy_.max_hold - held)
                          : oldest.since + held + policy_.queue_timeout;
  if (auto until = breaker_.open_until(now))
    wake = std::min(wake, *until);
  return std::max(wake, now);
}

void service_gate::force_open(time_point now) {
  breaker_.force_open();
  note_state(now);
}

std::size_t service_gate::waiting_jobs() const {
  std::size_t jobs = 0;
  const lane_key* last = nullptr;
  for (auto& entry : lanes_) { // ordered by job
    jobs += last == nullptr || last->job_no != entry.first.job_no ? 1 : 0;
    last = &entry.first;
  }
  return jobs;
}

void service_gate::release(time_point now) {
  breaker_.release();
  note_state(now);
}

void service_gate::close(time_point now) {
  breaker_.close();
  note_state(now);
}

} // namespace dubber
