/// When work is given up: was everything tried, and does the policy say so?
#include "tests/simulation/referee.hpp"

#include <algorithm>
#include <cmath>

namespace dubber::sim {

const service_policy& referee::policy_of(const job_record& record,
                                         const std::string& stage) const {
  auto own = record.spec(stage);
  return plan_.policies.at(own ? own->policy : "gateway");
}

/// Attempts or time are used up, where another attempt could end well.
void referee::check_exhausted(const job_record& record,
                              const std::string& stage, std::uint32_t item,
                              const fault& why) {
  auto there = record.stages.find(stage);
  demand(there != record.stages.end(),
         "given up is what does not run: " + stage);
  if (there == record.stages.end() || !is_retryable(why.code))
    return;
  auto& policy = policy_of(record, stage);
  auto& gate = plan_.policies.at(record.spec(stage)->service);
  auto limit = std::min(
    {gate.queue_timeout, gate.max_hold, policy.total_timeout, policy.max_hold});
  // The next pause would have gone beyond it.
  auto left = std::max(policy.retry.cap, why.retry_after.value_or(ms{0}));
  demand(record.failed({stage, item}) == policy.retry.max_attempts - 1
           || time_.now() - there->second.since + left >= limit,
         "given up with attempts and time left: " + stage);
}

namespace {

bool is_shared(const job_record& record, const std::string& stage) {
  auto own = record.spec(stage);
  return !own || own->shared;
}

bool has_stand_in(exhausted what) {
  return what == exhausted::keep_original || what == exhausted::silence;
}

bool is_too_much(const job_record& record, const std::string& stage,
                 double ratio) {
  auto own = record.spec(stage);
  auto many = own && by_segments(*own) ? record.degraded_at(*own) + 1 : 0;
  return static_cast<double>(many) > ratio * record.segments + 1e-9;
}

} // namespace

void referee::check_park(const job_record& record, const ev::job_parked& x) {
  demand(!x.why.message.empty(), "parked without a reason");
  if (x.why.code == fault_code::internal) {
    demand(last_death_ || confused_, "parked for deaths that were none");
    return;
  }
  auto known = record.plan->find(x.stage) >= 0;
  demand(known, "parked at a stage that is none: " + x.stage);
  if (!known || is_about_languages(record, x.stage))
    return;
  check_may_park(record, x.stage, x.item, x.why);
}

/// A job of several languages, and the stage is one language's.
bool referee::is_about_languages(const job_record& record,
                                 const std::string& stage) {
  if (record.plan->further.empty() || is_shared(record, stage))
    return false;
  demand(record.stands_still(),
         "parked or failed while a language goes on: " + stage);
  return true;
}

/// Before the fact is taken; the next one may be the job's.
void referee::check_stopped(const job_record& record,
                            const ev::language_stopped& x) {
  if (x.fails)
    check_may_fail(record, x.stage, x.item, x.why);
  else
    check_may_park(record, x.stage, x.item, x.why);
}

void referee::check_may_park(const job_record& record, const std::string& stage,
                             std::uint32_t item, const fault& why) {
  if (why.code == fault_code::internal) {
    demand(last_death_ || confused_, "stopped for deaths that were none");
    return;
  }
  auto all_degraded
    = has_stand_in(policy_of(record, stage).on_exhausted)
      && is_too_much(record, stage, plan_.rules.max_degraded_ratio);
  demand(is_retryable(why.code) || all_degraded,
         "parked for what no person can mend: " + why.message);
  demand(why.code == fault_code::disk || all_degraded
           || policy_of(record, stage).on_exhausted != exhausted::fail,
         "parked where the policy says fail");
  check_exhausted(record, stage, item, why);
}

void referee::check_failed(const job_record& record, const ev::job_failed& x) {
  demand(!x.why.message.empty(), "failed without a reason");
  if (record.status != job_status::parked
      && !is_about_languages(record, x.stage))
    check_may_fail(record, x.stage, x.item, x.why);
}

void referee::check_may_fail(const job_record& record, const std::string& stage,
                             std::uint32_t item, const fault& why) {
  if (!is_retryable(why.code))
    return;
  demand(policy_of(record, stage).on_exhausted == exhausted::fail,
         "failed for what may pass: " + why.message);
  check_exhausted(record, stage, item, why);
}

void referee::check_degraded(const job_record& record,
                             const ev::item_degraded& x) {
  auto says = policy_of(record, x.stage).on_exhausted;
  demand(has_stand_in(says)
           && (says == exhausted::silence) == (x.how == stand_in::silence),
         "degraded otherwise than the policy says: " + x.stage);
  demand(!is_too_much(record, x.stage, plan_.rules.max_degraded_ratio),
         "more segments are degraded than max_degraded_ratio allows");
  check_exhausted(record, x.stage, x.item, x.why);
}

void referee::check_halved(const job_record& record,
                           const ev::chunk_halved& x) {
  demand(x.item < record.spans.size(), "what is halved is not there");
  if (x.item >= record.spans.size())
    return;
  auto& span = record.spans[x.item];
  demand(span.length() >= 20, "halved though it is short");
  demand(std::abs(x.at - (span.start + span.end) / 2) <= span.length() / 4,
         "halved far from its middle");
  demand(last_fault_of({record.job_no, record.run, x.stage, x.item}) != nullptr,
         "halved, and never called: " + x.why.message);
  check_exhausted(record, x.stage, x.item, x.why);
}

/// Before the fact is taken.
void referee::check_end_of_work(const job_record& record, const event& fact) {
  auto ends_badly = true;
  if (auto parked = std::get_if<ev::job_parked>(&fact.body))
    check_park(record, *parked);
  else if (auto failed = std::get_if<ev::job_failed>(&fact.body))
    check_failed(record, *failed);
  else if (auto degraded = std::get_if<ev::item_degraded>(&fact.body))
    check_degraded(record, *degraded);
  else if (auto stop = std::get_if<ev::language_stopped>(&fact.body))
    check_stopped(record, *stop);
  else
    ends_badly = false;
  if (auto halved = std::get_if<ev::chunk_halved>(&fact.body))
    check_halved(record, *halved);
  demand(!ends_badly || !plan_.one_outage,
         "an outage of ten minutes alone ends work: "
           + std::string{type_name(fact.body)});
}

} // namespace dubber::sim
