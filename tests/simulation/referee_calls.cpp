/// Calls that leave, and come back.
#include "tests/simulation/referee.hpp"

namespace dubber::sim {

namespace {

std::string show(const work_order& order) {
  return "job " + std::to_string(order.job_no) + " run "
         + std::to_string(order.run) + " " + order.stage + "/"
         + std::to_string(order.item);
}

} // namespace

void referee::check_attempt(const work_order& order, const attempt_info& info,
                            const job_record& record) {
  auto name = show(order);
  job_record::item_ref item{order.stage, order.item};
  demand(info.number == record.failed(item) + 1,
         "attempt " + std::to_string(info.number) + " after "
           + std::to_string(record.failed(item)) + " on record: " + name);
  auto& policy = policy_of(record, order.stage);
  demand(info.number <= policy.retry.max_attempts,
         "more attempts than the policy has: " + name);
  if (auto due = record.due(item))
    demand(time_.now() >= *due, "the pause is not over: " + name);
  auto& own = *record.spec(order.stage);
  demand(!by_segments(own) || order.item == 0 || record.pioneer_is_through(own),
         "a segment goes before the first one is through: " + name);
}

/// Whether its job may not have heard yet that it is done again or not at all.
bool referee::is_just_edited(const job_record& record,
                             const work_order& order) const {
  auto at = record.edited_at;
  if (auto own = record.spec(order.stage); own && by_segments(*own)) {
    auto last = record.edits.find(order.item);
    at
      = last == record.edits.end() ? std::nullopt : std::optional{last->second};
  }
  return at && time_.now() - *at <= hearing;
}

/// False when no such call was open.
bool referee::close(const work& key) {
  auto i = open_.find(key);
  if (i == open_.end())
    return false;
  if (--i->second == 0)
    open_.erase(i);
  return true;
}

void referee::on_call(const work_order& order, const attempt_info& info) {
  auto name = show(order);
  demand(!silence_, "a call after the end: " + name);
  auto found = records_.find(order.job_no);
  if (found == records_.end()) {
    demand(false, "a call for a job that is not on record: " + name);
    return;
  }
  auto& record = found->second;
  if (!record.spec(order.stage)) {
    demand(false, "a call of a stage that is none: " + name);
    return;
  }
  job_record::item_ref item{order.stage, order.item};
  auto stage = record.stages.find(order.stage);
  auto key = work_of(order);
  demand(order.run == record.run, "a call of a run that is over: " + name);
  demand(record.status == job_status::running
           || time_.now() - record.status_since <= hearing,
         "a call for a job that is " + std::string{to_string(record.status)}
           + ": " + name);
  auto stop = record.stopped.find(record.lane_of_stage(order.stage));
  demand(record.spec(order.stage)->shared || stop == record.stopped.end()
           || time_.now() - stop->second.since <= hearing,
         "a call in a language that is stopped: " + name);
  auto edited = is_just_edited(record, order);
  auto grounded = stage != record.stages.end() && stage->second.started
                  && record.may_begin(item);
  demand(edited || grounded || time_.now() - record.lost_at <= hearing,
         "a call whose ground is not on record: " + name);
  demand(edited || !record.is_done(item),
         "a call that is done already: " + name);
  demand(answered_.count(key) == 0, "an answered call again: " + name);
  // The children of a job that died may act a moment longer.
  demand(open_.count(key) == 0 || death_since(time_.now()),
         "two calls at once: " + name);
  // What was put back with a lost file or an edit may not know it yet.
  if (!edited && time_.now() - record.lost_at > hearing)
    check_attempt(order, info, record);
  if (auto before = called_.find(key);
      !edited && before != called_.end() && before->second == info.number)
    check_forgiven(key, record);
  auto wrong = shared_.on_call(key, order, record, time_.now());
  demand(wrong.empty(), wrong + ": " + name);
  ++open_[key];
  called_[key] = info.number;
  last_[key] = {time_.now(), std::nullopt, may_be_halved(order)};
  enter(order.service);
}

/// Whether the last call left before its job stopped, and with what is there.
bool referee::is_wanted(const work& key, const job_record& record) const {
  auto left = last_.find(key);
  return left != last_.end()
         && (record.status == job_status::running
             || left->second.at < record.status_since)
         && left->second.at - record.lost_at > hearing;
}

void referee::on_answer(const work_order& order,
                        const result<work_result>& outcome, bool sound) {
  confused_ |= !sound;
  auto key = work_of(order);
  demand(close(key), "an answer to no call: " + show(order));
  shared_.on_call_over(key);
  leave(order.service);
  auto& record = record_of(order.job_no);
  demand(order.run == record.run || time_.now() - record.run_since <= hearing
           || death_since(record.run_since),
         "the work of a former run goes on: " + show(order));
  if (auto i = last_.find(key); i != last_.end() && !outcome)
    i->second.error = outcome.error();
  if (outcome && sound && !is_just_edited(record, order)
      && !death_since(time_.now()) && is_wanted(key, record))
    answered_.insert(key);
}

void referee::on_call_given_up(const work_order& order) {
  close(work_of(order));
  shared_.on_call_over(work_of(order));
  leave(order.service);
}

} // namespace dubber::sim
