#include "tests/simulation/referee.hpp"

namespace dubber::sim {

namespace {

std::string show(const job_record& record) {
  return "job " + std::to_string(record.job_id) + " run "
         + std::to_string(record.run) + " ("
         + std::string{to_string(record.status)} + ")";
}

} // namespace

void referee::check_end(const job_record& record) {
  auto name = show(record);
  demand(record.is_final(), name + " has not ended");
  demand(!record.owed, name + " still owes its report");
  auto good = record.status == job_status::completed;
  if (!good && record.status != job_status::cancelled)
    demand(record.error && !record.error->message.empty(),
           name + " ended without a reason");
  if (good)
    demand(!record.delivered.empty(), name + " was never told");
  for (auto& job : plan_.jobs)
    if (job.job_id == record.job_id && good)
      demand(record.plan->further == job.shape.further,
             name + " is not dubbed into what was asked for");
  auto& asked = plan_.plan_of(record.job_id)->name;
  demand(!good || record.plan->name == asked
           || may_have_.count({record.job_id, record.plan->name}) > 0,
         name + " went through " + record.plan->name);
  demand(good || !plan_.one_outage, name + ": one outage has ended it");
}

void referee::check_row(const job_record& record, const gateway_state& row) {
  // Of a job that it says it does not know it is told nothing.
  if (record.ever_owed.empty() || !record.is_final()
      || record.status == job_status::rejected)
    return;
  auto& last = record.ever_owed.back();
  demand(row.status == last.status,
         show(record) + " is " + row.status + " to the gateway");
  if (!last.output_object_key.empty())
    demand(row.output_object_key == last.output_object_key,
           show(record)
             + " has another result there: " + row.output_object_key);
}

void referee::at_end(const std::map<std::int64_t, gateway_state>& rows) {
  for (auto& job : plan_.jobs)
    demand(newest(job.job_id) != nullptr,
           "job " + std::to_string(job.job_id) + " never got in");
  for (auto& [job_no, record] : records_)
    check_end(record);
  for (auto& [job_id, row] : rows)
    if (auto record = newest(job_id))
      check_row(*record, row);
  demand(open_.empty(), "a call is open after the end");
}

} // namespace dubber::sim
