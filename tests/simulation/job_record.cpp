#include "tests/simulation/job_record.hpp"

#include "core/job/control.hpp"
#include "core/lanes.hpp"

#include <algorithm>

namespace dubber::sim {

const stage_spec& spec_of(const std::string& stage) {
  auto& plan = *dubbing_pipeline();
  return plan.stages.at(
    static_cast<std::size_t>(plan.find(defined_name(stage))));
}

/// Null: there is no such stage.
const stage_spec* job_record::spec(const std::string& stage) const {
  auto i = plan->find(stage);
  return i < 0 ? nullptr : &plan->stages[static_cast<std::size_t>(i)];
}

std::uint32_t job_record::lane_of_stage(const std::string& stage) const {
  auto found = spec(stage);
  return found ? found->lane : 0;
}

bool job_record::is_through(std::uint32_t lane) const {
  return std::all_of(plan->stages.begin(), plan->stages.end(), [&](auto& x) {
    auto i = stages.find(x.name);
    return x.shared || x.lane != lane || (i != stages.end() && i->second.ended);
  });
}

bool job_record::stands_still() const {
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (stopped.count(lane) == 0 && !is_through(lane))
      return false;
  return !stopped.empty();
}

std::string job_record::take(const event& fact) {
  if (fact.seq != seq + 1)
    return "its number is " + std::to_string(fact.seq);
  if (fact.at < at_)
    return "it is older than the one before";
  if ((seq == 0) != std::holds_alternative<ev::job_accepted>(fact.body))
    return "a history begins with job.accepted, and only so";
  auto opens = std::holds_alternative<ev::run_started>(fact.body);
  if (fact.run != run + (opens ? 1 : 0))
    return "its run is " + std::to_string(fact.run);
  seq = fact.seq;
  at_ = fact.at;
  return std::visit([this](auto& x) { return take_body(x); }, fact.body);
}

bool job_record::is_done(const item_ref& item) const {
  auto i = stages.find(item.first);
  return i != stages.end()
         && (i->second.ended || i->second.done.count(item.second) > 0);
}

bool job_record::may_begin(const item_ref& item) const {
  auto own = spec(item.first);
  return own
         && std::all_of(
           own->after.begin(), own->after.end(),
           [&](const std::string& before) {
             auto i = stages.find(before);
             if (i == stages.end())
               return false;
             auto item_by_item = own->each == fan_out::segments
                                 && spec_of(before).each == fan_out::segments;
             return i->second.ended
                    || (item_by_item && i->second.done.count(item.second) > 0);
           });
}

int job_record::failed(const item_ref& item) const {
  auto i = failures.find(item);
  return i == failures.end() ? 0 : i->second.attempts;
}

std::optional<time_point> job_record::due(const item_ref& item) const {
  auto i = failures.find(item);
  return i == failures.end() ? std::nullopt : std::optional{i->second.due};
}

bool job_record::pioneer_is_through(std::uint32_t lane) const {
  auto& all = plan->stages;
  return pioneer_was_through.count(lane) > 0
         || std::all_of(all.begin(), all.end(), [&](auto& x) {
              return x.each != fan_out::segments || x.lane != lane
                     || is_done({x.name, 0});
            });
}

void job_record::note_pioneers() {
  std::set<std::uint32_t> through;
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (pioneer_is_through(lane))
      through.insert(lane);
  pioneer_was_through = through;
}

bool job_record::runs(const std::string& stage) const {
  auto i = stages.find(stage);
  return i != stages.end() && i->second.started && !i->second.ended;
}

std::string job_record::end(job_status next, bool allowed) {
  auto before = status;
  status = next;
  status_since = at_;
  if (!allowed)
    return "the job was " + std::string{to_string(before)};
  return {};
}

std::string job_record::take_body(const ev::job_accepted& x) {
  job_id = x.job_id;
  run_since = at_;
  return end(job_status::running, true);
}

std::string job_record::take_body(const ev::pipeline_chosen& x) {
  return "nobody has asked for the pipeline " + x.name;
}

std::string job_record::take_body(const ev::languages_chosen& x) {
  if (x.languages.empty() || !stages["fetch"].ended || runs("extract"))
    return "languages are chosen when the job was fetched";
  auto next = with_lanes(plan, {x.languages.begin() + 1, x.languages.end()});
  if (next->further == plan->further)
    return "the languages are these already";
  plan = next;
  std::erase_if(stages, [](auto& stage) { return stage.first != "fetch"; });
  return {};
}

std::string job_record::take_body(const ev::language_stopped& x) {
  auto own = spec(x.stage);
  if (!takes_results() || !runs(x.stage) || !own || own->shared)
    return x.stage + " is not open";
  if (lane_of(*plan, language, x.language) != static_cast<int>(own->lane))
    return x.stage + " is not in " + x.language;
  if (!stopped.try_emplace(own->lane, stop_record{x.stage, x.fails, at_})
         .second)
    return x.language + " is stopped already";
  return {};
}

std::string job_record::take_body(const ev::job_rejected& x) {
  error = fault{fault_code::not_found, x.reason, 0, {}};
  return end(job_status::rejected, takes_results() && runs("fetch"));
}

std::string job_record::take_body(const ev::run_started& x) {
  auto allowed = dubber::is_final(status) || status == job_status::parked
                 || (x.edit && owed);
  wishes.insert(x.reason);
  run += 1;
  run_since = at_;
  was_parked = false;
  owed.reset();
  error.reset();
  stopped.clear();
  if (x.edit) { // the edit before it has said what is done again
    failures.clear();
    return end(job_status::running, allowed);
  }
  auto first = x.from.empty() ? 0 : plan->find(x.from);
  if (first < 0)
    return "there is no stage " + x.from;
  auto again = stages_from(*plan, static_cast<std::uint32_t>(first));
  for (std::size_t i = 0; i < again.size(); ++i)
    if (again[i])
      reset(plan->stages[i].name);
  failures.clear();
  return end(job_status::running, allowed);
}

std::string job_record::take_body(const ev::job_completed&) {
  auto all
    = std::all_of(plan->stages.begin(), plan->stages.end(),
                  [this](auto& spec) { return stages[spec.name].ended; });
  if (!all)
    return "not every stage has ended";
  return end(job_status::completed, takes_results() && owed);
}

std::string job_record::take_body(const ev::job_failed& x) {
  error = x.why;
  return end(job_status::failed, takes_results());
}

std::string job_record::take_body(const ev::job_parked& x) {
  error = x.why;
  was_parked = true;
  return end(job_status::parked,
             status == job_status::running || status == job_status::paused);
}

std::string job_record::take_body(const ev::job_paused& x) {
  wishes.insert(x.reason);
  return end(job_status::paused, status == job_status::running);
}

std::string job_record::take_body(const ev::job_resumed& x) {
  wishes.insert(x.reason);
  auto allowed = status == job_status::paused || status == job_status::parked
                 || status == job_status::failed;
  if (status != job_status::paused) {
    failures.clear(); // a person asked: all attempts anew
    stopped.clear();
    reopen_degraded();
  }
  if (status == job_status::failed)
    owed.reset(); // the debt of a stored result stays
  error.reset();
  return end(job_status::running, allowed);
}

std::string job_record::take_body(const ev::job_cancelled& x) {
  wishes.insert(x.reason);
  return end(job_status::cancelled, takes_results());
}

bool job_record::is_uploaded() const {
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (!is_through(lane))
      return false;
  auto i = stages.find("upload"); // of one language it is for all
  return i != stages.end() && i->second.ended;
}

std::string job_record::take_body(const ev::report_owed& x) {
  if (owed)
    return "a report is owed already";
  owed = x.report;
  ever_owed.push_back(x.report);
  auto good = x.report.status == "COMPLETED";
  auto fits
    = good ? takes_results() && is_uploaded()
           : status == job_status::failed || status == job_status::cancelled;
  return fits ? "" : "the job is " + std::string{to_string(status)};
}

std::string job_record::take_body(const ev::report_delivered& x) {
  if (!owed)
    return "nothing is owed";
  if (x.outcome != "seen" && x.outcome != "gone")
    return "its outcome is " + x.outcome;
  owed.reset();
  delivered.push_back(x.outcome);
  return {};
}

} // namespace dubber::sim
