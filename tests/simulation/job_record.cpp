#include "tests/simulation/job_record.hpp"

#include "core/job/control.hpp"
#include "core/lanes.hpp"

#include <algorithm>

namespace dubber::sim {

job_record::job_record(const pipeline_book& book) : book_(&book) {
  go_by(plan);
}

/// Another plan: all begins anew but what each begins with.
void job_record::go_by(pipeline_ptr next) {
  plan = std::move(next);
  waves_.clear();
  for (auto& stage : plan->stages)
    waves_[stage.name] = wave_of(*plan, stage);
  std::erase_if(stages, [](auto& stage) { return stage.first != "fetch"; });
  said.clear();
}

std::uint32_t job_record::lane_of_stage(const std::string& stage) const {
  auto found = spec(stage);
  return found ? found->lane : 0;
}

std::size_t job_record::degraded_at(const stage_spec& stage) const {
  std::size_t out = 0;
  for (auto& [lane, items] : degraded)
    if (stage.shared || stage.lane == lane)
      out = std::max(out, items.size());
  return out;
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
  auto is_there = [&](const std::string& before) {
    auto other = spec(before);
    auto along = other && by_segments(*own) && by_segments(*other);
    auto i = stages.find(before);
    if (i != stages.end()
        && (i->second.ended
            || (along && i->second.done.count(item.second) > 0)))
      return true;
    // It was there when the stage began, and will be again.
    auto again = put_back_.find(before);
    return again != put_back_.end() && by_segments(*own)
           && again->second.count(item.second) == 0;
  };
  return own && std::all_of(own->after.begin(), own->after.end(), is_there);
}

int job_record::failed(const item_ref& item) const {
  auto i = failures.find(item);
  return i == failures.end() ? 0 : i->second.attempts;
}

std::optional<time_point> job_record::due(const item_ref& item) const {
  auto i = failures.find(item);
  return i == failures.end() ? std::nullopt : std::optional{i->second.due};
}

job_record::wave_ref job_record::wave(const stage_spec& stage) const {
  return {stage.shared ? all_lanes : stage.lane, waves_.at(stage.name)};
}

bool job_record::pioneer_is_through(const stage_spec& stage) const {
  auto& all = plan->stages;
  auto n = wave(stage).second;
  return pioneer_was_through_.count(wave(stage)) > 0
         || std::all_of(all.begin(), all.end(), [&](auto& x) {
              auto stands = !x.shared && stopped.count(x.lane) > 0;
              return !by_segments(x) || wave(x).second != n || !meet(x, stage)
                     || (stands && stage.shared) || is_done({x.name, 0});
            });
}

void job_record::note_pioneers() {
  std::set<wave_ref> through;
  for (auto& stage : plan->stages)
    if (by_segments(stage) && pioneer_is_through(stage))
      through.insert(wave(stage));
  pioneer_was_through_ = std::move(through);
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

/// Whether any stage but the first has begun.
bool job_record::is_under_way() const {
  return std::any_of(stages.begin(), stages.end(), [](auto& stage) {
    return stage.first != "fetch" && stage.second.started;
  });
}

std::string job_record::take_body(const ev::pipeline_chosen& x) {
  auto own = book_->known.find(x.id);
  if (!x.id.empty() && own == book_->known.end())
    return "there is no pipeline " + x.id;
  auto next = x.id.empty() ? dubbing_pipeline() : own->second;
  // A restart may name what it has before the gateway has said a word.
  if (next->name != x.name || (next->id == plan->id && !source.empty()))
    return "it is " + plan->name + " already, or not " + x.name;
  if (is_under_way())
    return "a pipeline is chosen before anything but the fetch begins";
  go_by(next);
  return {};
}

std::string job_record::take_body(const ev::languages_chosen& x) {
  if (x.languages.empty() || !stages["fetch"].ended || is_under_way())
    return "languages are chosen when the job was fetched";
  auto next = with_lanes(plan, {x.languages.begin() + 1, x.languages.end()});
  if (next->further == plan->further)
    return "the languages are these already";
  go_by(next);
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
  if (!x.from.empty() && !spec(x.from))
    return "there is no stage " + x.from;
  for (auto& stage : plan->stages)
    if (x.from.empty() || rests_on(*plan, stage, x.from))
      reset(stage.name);
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
    note_pioneers();
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

bool job_record::is_all_but_told() const {
  return std::all_of(plan->stages.begin(), plan->stages.end(), [&](auto& x) {
    auto i = stages.find(x.name);
    return x.kind == work_kind::report
           || (i != stages.end() && i->second.ended);
  });
}

std::string job_record::take_body(const ev::report_owed& x) {
  if (owed)
    return "a report is owed already";
  owed = x.report;
  ever_owed.push_back(x.report);
  auto good = x.report.status == "COMPLETED";
  auto fits
    = good ? takes_results() && is_all_but_told()
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
