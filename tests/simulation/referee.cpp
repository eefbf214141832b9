#include "tests/simulation/referee.hpp"

#include "core/job/editing.hpp"
#include "core/retry_schedule.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

std::string show(const work_order& order) {
  return "job " + std::to_string(order.job_no) + " run "
         + std::to_string(order.run) + " " + order.stage + "/"
         + std::to_string(order.item);
}

/// Of job, run, stage, item.
template <class Work>
work_ref ref_of(const job_record& record, const Work& key) {
  auto stage = record.plan->find(std::get<2>(key));
  return {static_cast<std::uint32_t>(stage), std::get<3>(key)};
}

} // namespace

void referee::demand(bool kept, const std::string& text) {
  if (kept || !broken_.empty())
    return;
  broken_ = text;
  log_.note("BROKEN: " + text);
}

referee::work referee::work_of(const work_order& order) {
  return {order.job_no, order.run, order.stage, order.item};
}

void referee::on_fact(std::uint64_t job_no, const event& fact) {
  auto& record = records_[job_no];
  record.job_no = job_no;
  auto before = record.status;
  check_end_of_work(record, fact);
  check_shared(record, fact);
  auto wrong = record.take(fact);
  demand(wrong.empty(), "job " + std::to_string(job_no) + ", fact "
                          + std::to_string(fact.seq) + " "
                          + std::string{type_name(fact.body)} + ": " + wrong);
  if (std::holds_alternative<ev::job_accepted>(fact.body))
    for (auto& [other, x] : records_)
      demand(other == job_no || x.job_id != record.job_id
               || (x.is_final() && !x.owed),
             "one job twice at once");
  auto of_job = [job_no](auto& key) {
    return std::get<0>(key) == job_no;
  };
  if (std::holds_alternative<ev::artifact_lost>(fact.body))
    forget_calls(of_job);
  if (auto x = std::get_if<ev::attempt_failed>(&fact.body))
    check_failure(record, job_no, fact, *x);
  if (auto x = std::get_if<ev::segment_edited>(&fact.body))
    forget_calls([&](auto& key) {
      return std::get<0>(key) == job_no
             && is_overtaken(*record.plan, record.language, *x,
                             ref_of(record, key));
    });
  if (record.status != before && on_status)
    on_status(record);
  if (record.status != before || record.run_since == fact.at
      || record.lost_at == fact.at || record.edited_at == fact.at)
    shared_.on_change(job_no, time_.now());
  // What comes too late for the end of a run may be done again after a retry.
  if (dubber::is_final(record.status) && !dubber::is_final(before))
    forget_calls(of_job);
}

/// What was called and answered may be called again.
void referee::forget_calls(const std::function<bool(const work&)>& which) {
  std::erase_if(answered_, which);
  std::erase_if(last_, [&](auto& x) { return which(x.first); });
}

void referee::check_failure(const job_record& record, std::uint64_t job_no,
                            const event& fact, const ev::attempt_failed& x) {
  auto i = called_.find({job_no, fact.run, x.stage, x.item});
  demand(i != called_.end() && i->second == x.attempt,
         "an attempt failed that was not made: " + x.stage + "/"
           + std::to_string(x.item));
  check_charge({job_no, fact.run, x.stage, x.item}, x.why);
  if (x.why.retry_after)
    demand(x.pause >= std::min(*x.why.retry_after, max_retry_after),
           "Retry-After is not honoured by job "
             + std::to_string(record.job_id));
}

void referee::on_policy() {
  for (auto& [service, policy] : plan_.policies)
    most_at_once_[service]
      = std::max(most_at_once_[service], policy.max_concurrent);
}

void referee::enter(const std::string& service) {
  demand(++busy_[service] <= most_at_once_[service],
         "more calls at once to " + service + " than its gate allows");
}

void referee::leave(const std::string& service) {
  --busy_[service];
}

void referee::check_attempt(const work_order& order, const attempt_info& info,
                            const job_record& record) {
  auto name = show(order);
  job_record::item_ref item{order.stage, order.item};
  demand(info.number == record.failed(item) + 1,
         "attempt " + std::to_string(info.number) + " after "
           + std::to_string(record.failed(item)) + " on record: " + name);
  auto& policy = plan_.policies.at(order.service);
  demand(info.number <= policy.retry.max_attempts,
         "more attempts than the policy has: " + name);
  if (auto due = record.due(item))
    demand(time_.now() >= *due, "the pause is not over: " + name);
  auto by_segments
    = order.kind == work_kind::translate || order.kind == work_kind::speak;
  demand(!by_segments || order.item == 0
           || record.pioneer_is_through(record.lane_of_stage(order.stage)),
         "a segment goes before the first one is through: " + name);
}

/// Whether its job may not have heard yet that it is done again or not at all.
bool referee::is_just_edited(const job_record& record,
                             const work_order& order) const {
  auto at = record.edited_at;
  if (spec_of(order.stage).each == fan_out::segments) {
    auto own = record.edits.find(order.item);
    at = own == record.edits.end() ? std::nullopt : std::optional{own->second};
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
  job_record::item_ref item{order.stage, order.item};
  auto stage = record.stages.find(order.stage);
  auto key = work_of(order);
  demand(order.run == record.run, "a call of a run that is over: " + name);
  demand(record.status == job_status::running
           || time_.now() - record.status_since <= hearing,
         "a call for a job that is " + std::string{to_string(record.status)}
           + ": " + name);
  auto stop = record.stopped.find(record.lane_of_stage(order.stage));
  demand(spec_of(order.stage).kind < work_kind::translate
           || stop == record.stopped.end()
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
  auto& record = records_[order.job_no];
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

void referee::on_gateway_call() {
  demand(!silence_, "the gateway is called after the end");
  enter("gateway");
}

void referee::on_gateway_call_over() {
  leave("gateway");
}

void referee::on_patch(std::int64_t job_id, const gateway_update& update) {
  auto known = newest(job_id);
  demand(known != nullptr, "the gateway is told of a job not on record");
  if (!known)
    return;
  if (update.status == "PROCESSING") {
    check_progress(job_id, *known, update.progress.value_or(-1));
    return;
  }
  final_report told{update.status, update.output_object_key.value_or(""),
                    update.activity.value_or("")};
  auto on_record = std::any_of(records_.begin(), records_.end(), [&](auto& x) {
    auto& owed = x.second.ever_owed;
    return x.second.job_id == job_id
           && std::find(owed.begin(), owed.end(), told) != owed.end();
  });
  demand(on_record, "the gateway is told " + told.status + " (" + told.activity
                      + ") of job " + std::to_string(job_id)
                      + ", which is not on record");
}

void referee::check_progress(std::int64_t job_id, const job_record& record,
                             int progress) {
  demand(progress >= 0 && progress <= 100, "progress out of range");
  auto& floor = progress_[job_id];
  if (floor.job_no != record.job_no || floor.run != record.run) {
    // A report of the run before may still have been under way.
    if (floor.job_no != 0 && time_.now() - record.run_since < ms{60'000})
      return;
    floor = {record.job_no, record.run, 0};
  }
  demand(progress >= floor.progress, "progress of job " + std::to_string(job_id)
                                       + " falls from "
                                       + std::to_string(floor.progress) + " to "
                                       + std::to_string(progress));
  floor.progress = progress;
}

void referee::on_death() {
  last_death_ = time_.now();
  shared_.on_death(time_.now());
  answered_.clear();
}

void referee::on_crash() {
  on_death();
  shared_.on_crash();
  open_.clear();
  busy_.clear();
  judged_.clear(); // numbers of actors begin anew
}

const job_record* referee::newest(std::int64_t job_id) const {
  for (auto i = records_.rbegin(); i != records_.rend(); ++i)
    if (i->second.job_id == job_id)
      return &i->second;
  return nullptr;
}

} // namespace dubber::sim
