/// Which failed attempts count: none while the service is down.
#include "tests/simulation/referee.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

/// So long a service that is down may answer work with failures before the
/// work is charged (README).
constexpr ms longest_doubt{900'000};

bool is_answer(fault_code code) {
  return code == fault_code::server_error || code == fault_code::timeout;
}

} // namespace

const fault* referee::last_fault_of(const work& key) const {
  auto i = last_.find(key);
  return i == last_.end() || !i->second.error ? nullptr : &*i->second.error;
}

ms referee::forgiven_for(const work& key, fault_code code) const {
  if (code == fault_code::bad_answer)
    return ms{0};
  auto& record = records_.at(std::get<0>(key));
  auto hold = policy_of(record, std::get<2>(key)).max_hold;
  return is_answer(code) ? std::min(longest_doubt, hold) : hold;
}

void referee::on_judged(const work_order& order, std::uint64_t holder,
                        bool down, std::optional<time_point> failing_since) {
  auto key = work_of(order);
  auto why = last_fault_of(key);
  if (!why)
    return;
  auto t = time_.now();
  auto& mine = judged_[key];
  if (mine.holder != holder)
    mine = {};
  mine.holder = holder;
  mine.at = t;
  mine.down = down;
  mine.down_for = mine.down_since ? t - *mine.down_since : ms{0};
  if (!mine.failed_at)
    mine.failed_at = t;
  mine.only_failures
    = failing_since && *failing_since <= *mine.failed_at + hearing;
  if (!down && !mine.only_failures)
    mine.down_since.reset();
  auto& policy = policy_of(records_.at(order.job_no), order.stage);
  auto last_one = called_[key] >= policy.retry.max_attempts;
  auto forgiven = (down || (mine.only_failures && last_one))
                  && mine.down_for < forgiven_for(key, why->code);
  if (forgiven && !mine.down_since)
    mine.down_since = last_[key].at;
}

/// An attempt that the service failed is on record as used up.
void referee::check_charge(const work& key, const fault& why) {
  auto last = last_.find(key);
  auto mine = judged_.find(key);
  if (!blames_service(why.code) || last == last_.end() || mine == judged_.end())
    return;
  if (last->second.may_be_halved && is_answer(why.code))
    return; // maybe too long for it: its own fault
  auto& stage = std::get<2>(key);
  demand(!mine->second.down
           || mine->second.down_for + hearing >= forgiven_for(key, why.code),
         "an attempt is charged though the service is down: " + stage + "/"
           + std::to_string(std::get<3>(key)));
}

/// The attempt before this one was not charged.
void referee::check_forgiven(const work& key, const job_record& record) {
  auto why = last_fault_of(key);
  auto mine = judged_.find(key);
  auto& last = last_[key];
  if (!why || !blames_service(why->code) || record.status_since >= last.at
      || death_since(last.at) || mine == judged_.end()
      || mine->second.at < last.at)
    return;
  auto& stage = std::get<2>(key);
  auto& is = mine->second;
  demand((is.down || is.only_failures)
           && is.down_for < forgiven_for(key, why->code) + hearing,
         "an attempt is not charged though the service is up: " + stage + "/"
           + std::to_string(std::get<3>(key))
           + (is.down ? ", down for " : ", up after ")
           + std::to_string(is.down_for.count()) + " ms");
}

} // namespace dubber::sim
