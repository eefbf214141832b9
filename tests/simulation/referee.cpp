#include "tests/simulation/referee.hpp"

#include "core/job/editing.hpp"
#include "core/retry_schedule.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

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

job_record& referee::record_of(std::uint64_t job_no) {
  auto& record = records_.try_emplace(job_no, *plan_.book).first->second;
  record.job_no = job_no;
  return record;
}

referee::work referee::work_of(const work_order& order) {
  return {order.job_no, order.run, order.stage, order.item};
}

void referee::on_fact(std::uint64_t job_no, const event& fact) {
  auto& record = record_of(job_no);
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
    if ((floor.job_no != 0 || record.run > 1)
        && time_.now() - record.run_since < ms{60'000})
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
