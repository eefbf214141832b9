#include "tests/simulation/gate_model.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

/// A timer may fire a millisecond late, and who asked in another order than
/// tickets were drawn is looked at with the next.
constexpr ms late{2'000};

constexpr ms shortest_deadline{1'000};

} // namespace

gate_model::gate_model(const service_policy& policy)
  : policy_(policy), breaker_(policy.breaker), urls_(policy.urls.size()) {
  // nop
}

void gate_model::asked(std::uint64_t ticket, bool retry, time_point t) {
  waiting_[ticket] = {retry, t, held(t)};
}

void gate_model::withdrawn(std::uint64_t ticket, time_point) {
  waiting_.erase(ticket);
  if (auto x = open_.extract(ticket)) {
    breaker_.vanished(x.mapped().spell);
    urls_.vanished(x.mapped().url);
  }
}

bool gate_model::ended(std::uint64_t ticket, bool failed, time_point t) {
  auto x = open_.extract(ticket);
  if (!x)
    return false;
  auto& call = x.mapped();
  if (failed && ++failures_ == 1)
    failing_since_ = t;
  // What left before says nothing of the time since.
  if (!failed && (failures_ == 0 || call.since >= failing_since_))
    failures_ = 0;
  if (!urls_.came_back(call.url, failed, t)) {
    breaker_.vanished(call.spell);
    return true;
  }
  auto share = static_cast<double>((t - call.since).count())
               / static_cast<double>(call.deadline.count());
  breaker_.came_back(call.spell, failed, share > policy_.breaker.slow_after, t);
  return true;
}

void gate_model::order_open(time_point t) {
  breaker_.order_open();
  note_hold(t);
}

void gate_model::order_closed(time_point t) {
  breaker_.order_closed();
  note_hold(t);
}

void gate_model::order_auto(time_point t) {
  breaker_.order_auto();
  note_hold(t);
}

void gate_model::configure(const service_policy& policy, time_point t) {
  policy_ = policy;
  breaker_.configure(policy.breaker);
  note_hold(t);
}

/// The time in which work is held: from the moment the breaker opens until it
/// is closed.
void gate_model::note_hold(time_point t) {
  auto closed = breaker_.at(t) == breaker_model::is::closed;
  if (!closed && !held_since_)
    held_since_ = t;
  if (closed && held_since_) {
    held_ += t - *held_since_;
    held_since_.reset();
  }
}

ms gate_model::held(time_point t) const {
  return held_ + (held_since_ ? t - *held_since_ : ms{0});
}

gate_model::counts gate_model::count_open() const {
  counts out;
  for (auto& [ticket, call] : open_)
    ++(call.retry ? out.retries : out.fresh);
  return out;
}

gate_model::counts gate_model::count_waiting() const {
  counts out;
  for (auto& [ticket, asker] : waiting_)
    ++(asker.retry ? out.retries : out.fresh);
  return out;
}

/// A share of the calls at once, but so many always; and the last piece of work
/// waits for nobody.
int gate_model::retries_allowed(int open) const {
  auto share = static_cast<int>(policy_.budget.ratio * open);
  return std::max({share, policy_.budget.min, open == 0 ? 1 : 0});
}

/// Whether there is an order in which so many may leave, one after the other.
bool gate_model::may_all_leave(counts leaving, counts waiting, counts open,
                               int room, bool probing) const {
  if (leaving.fresh == 0 && leaving.retries == 0)
    return true;
  auto all = open.fresh + open.retries;
  if (room == 0 || all >= policy_.max_concurrent)
    return false;
  // Work that failed before is the last choice for a probe.
  if (leaving.retries > 0 && open.retries < retries_allowed(all)
      && !(probing && waiting.fresh > 0)
      && may_all_leave({leaving.fresh, leaving.retries - 1},
                       {waiting.fresh, waiting.retries - 1},
                       {open.fresh, open.retries + 1}, room - 1, probing))
    return true;
  return leaving.fresh > 0
         && may_all_leave({leaving.fresh - 1, leaving.retries},
                          {waiting.fresh - 1, waiting.retries},
                          {open.fresh + 1, open.retries}, room - 1, probing);
}

bool gate_model::holds_without_reason(time_point t) const {
  auto waiting = count_waiting();
  auto open = count_open();
  auto room = breaker_.room(t, policy_.max_concurrent);
  return (waiting.fresh > 0
          && may_all_leave({1, 0}, waiting, open, room, false))
         || (waiting.retries > 0
             && may_all_leave({0, 1}, {0, waiting.retries}, open, room, false));
}

std::string gate_model::check_expired(const gate_seen& is, time_point t) {
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    auto& [ticket, asker] = *i;
    auto in_hold = held(t) - asker.held_before;
    auto in_queue = t - asker.since - in_hold;
    if (is.waiting.count(ticket) || is.open.count(ticket)) {
      if (in_hold > policy_.max_hold + late)
        return "somebody is held for longer than max_hold";
      if (in_queue > policy_.queue_timeout + late)
        return "somebody waits for longer than queue_timeout";
      ++i;
      continue;
    }
    if (in_hold < policy_.max_hold && in_queue < policy_.queue_timeout)
      return "somebody is sent away before the time is over";
    i = waiting_.erase(i);
  }
  return {};
}

std::string gate_model::check_granted(const gate_seen& is, time_point t) {
  counts leaving;
  std::vector<std::uint64_t> who;
  std::vector<urls_model::leaving> where;
  for (auto& [ticket, url] : is.open) {
    if (open_.count(ticket))
      continue;
    auto asker = waiting_.find(ticket);
    if (asker == waiting_.end())
      return "a call leaves that nobody asked for";
    if (is.deadlines.at(ticket) < shortest_deadline)
      return "a call has no time";
    ++(asker->second.retry ? leaving.retries : leaving.fresh);
    who.push_back(ticket);
    where.push_back({url, asker->second.retry});
  }
  auto probing = breaker_.at(t) == breaker_model::is::half_open;
  auto room = breaker_.room(t, policy_.max_concurrent);
  if (!may_all_leave(leaving, count_waiting(), count_open(), room, probing))
    return std::string{"a call leaves that has to be held; the breaker is "}
           + to_string(breaker_.at(t)) + ", " + std::to_string(open_.size())
           + " calls are open, " + std::to_string(count_open().retries)
           + " of them retries; there leave " + std::to_string(leaving.fresh)
           + " and " + std::to_string(leaving.retries) + " retries";
  for (auto ticket : who) {
    auto asker = waiting_.extract(ticket);
    open_[ticket] = {asker.mapped().retry, is.open.at(ticket),
                     breaker_.leaves(t), t, is.deadlines.at(ticket)};
  }
  if (!urls_.leave(std::move(where), t))
    return "a call goes to another URL than it should";
  return {};
}

std::string gate_model::check(const gate_seen& is, time_point t, bool places) {
  if (auto wrong = breaker_.adopt(is.until, t); !wrong.empty())
    return wrong;
  auto should = breaker_.at(t);
  if (is.breaker != to_string(should))
    return "the breaker is " + is.breaker + " where it should be "
           + to_string(should);
  note_hold(t);
  auto wrong = check_expired(is, t);
  if (wrong.empty())
    wrong = check_granted(is, t);
  if (!wrong.empty())
    return wrong;
  if (is.open.size() != open_.size() || is.waiting.size() != waiting_.size())
    return "it has lost somebody";
  if (places && holds_without_reason(t))
    return "somebody is held who may go";
  return {};
}

} // namespace dubber::sim
