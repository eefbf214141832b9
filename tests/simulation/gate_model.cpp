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

void gate_model::asked(std::uint64_t ticket, const turns_model::wish& what,
                       time_point t) {
  waiting_[ticket] = {what.retry, t, held(t)};
  turns_.asked(ticket, what);
}

void gate_model::withdrawn(std::uint64_t ticket, time_point) {
  waiting_.erase(ticket);
  turns_.gone(ticket);
  if (auto x = open_.extract(ticket)) {
    breaker_.vanished(x.mapped().spell);
    urls_.vanished(x.mapped().url);
  }
}

bool gate_model::ended(std::uint64_t ticket, bool failed, time_point t) {
  auto x = open_.extract(ticket);
  if (!x)
    return false;
  turns_.gone(ticket);
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

int gate_model::open_retries() const {
  return static_cast<int>(std::count_if(
    open_.begin(), open_.end(), [](auto& x) { return x.second.retry; }));
}

/// A share of the calls at once, but so many always; and the last piece of work
/// waits for nobody.
int gate_model::retries_allowed(int open) const {
  auto share = static_cast<int>(policy_.budget.ratio * open);
  return std::max({share, policy_.budget.min, open == 0 ? 1 : 0});
}

/// Who may leave now, if anybody.
std::optional<std::uint64_t> gate_model::whose_turn(int room,
                                                    bool probing) const {
  auto all = static_cast<int>(open_.size());
  if (room <= 0 || all >= policy_.max_concurrent)
    return std::nullopt;
  return turns_.next(open_retries() < retries_allowed(all), probing);
}

bool gate_model::holds_without_reason(time_point t) const {
  return whose_turn(breaker_.room(t, policy_.max_concurrent), false)
    .has_value();
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
    turns_.gone(ticket);
    i = waiting_.erase(i);
  }
  return {};
}

std::string gate_model::check_granted(const gate_seen& is, time_point t) {
  std::set<std::uint64_t> leaving;
  for (auto& [ticket, url] : is.open) {
    if (open_.count(ticket))
      continue;
    if (!waiting_.count(ticket))
      return "a call leaves that nobody asked for";
    if (is.deadlines.at(ticket) < shortest_deadline)
      return "a call has no time";
    leaving.insert(ticket);
  }
  auto probing = breaker_.at(t) == breaker_model::is::half_open;
  auto room = breaker_.room(t, policy_.max_concurrent);
  for (; !leaving.empty(); --room) {
    auto next = whose_turn(room, probing);
    if (!next)
      return std::string{"a call leaves that has to be held; the breaker is "}
             + to_string(breaker_.at(t)) + ", " + std::to_string(open_.size())
             + " calls are open, " + std::to_string(open_retries())
             + " of them retries";
    if (leaving.erase(*next) == 0)
      return "a call leaves before it is its turn";
    turns_.served(*next);
    auto asker = waiting_.extract(*next);
    auto url = is.open.at(*next);
    open_[*next] = {asker.mapped().retry, url, breaker_.leaves(t), t,
                    is.deadlines.at(*next)};
    if (!urls_.leaves({url, asker.mapped().retry}, t))
      return "a call goes to another URL than it should";
  }
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
