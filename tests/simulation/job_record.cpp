#include "tests/simulation/job_record.hpp"

#include "core/job/control.hpp"
#include "core/overload.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

const stage_spec& spec_of(const std::string& stage) {
  auto& plan = dubbing_pipeline();
  return plan.stages.at(static_cast<std::size_t>(plan.find(stage)));
}

bool is_stage(const std::string& stage) {
  return dubbing_pipeline().find(stage) >= 0;
}

std::string name(const std::string& stage, std::uint32_t item) {
  return stage + "/" + std::to_string(item);
}

} // namespace

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
  auto& spec = spec_of(item.first);
  return std::all_of(
    spec.after.begin(), spec.after.end(), [&](const std::string& before) {
      auto i = stages.find(before);
      if (i == stages.end())
        return false;
      auto item_by_item = spec.each == fan_out::segments
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

bool job_record::pioneer_is_through() const {
  auto& all = dubbing_pipeline().stages;
  return std::all_of(all.begin(), all.end(), [this](auto& spec) {
    return spec.each != fan_out::segments || is_done({spec.name, 0});
  });
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

std::string job_record::take_body(const ev::job_rejected& x) {
  error = fault{fault_code::not_found, x.reason, 0, {}};
  return end(job_status::rejected, takes_results() && runs("fetch"));
}

std::string job_record::take_body(const ev::run_started& x) {
  auto allowed = dubber::is_final(status) || status == job_status::parked;
  wishes.insert(x.reason);
  run += 1;
  run_since = at_;
  was_parked = false;
  owed.reset();
  error.reset();
  auto& plan = dubbing_pipeline();
  auto first = x.from.empty() ? 0 : plan.find(x.from);
  if (first < 0)
    return "there is no stage " + x.from;
  auto again = stages_from(plan, static_cast<std::uint32_t>(first));
  for (std::size_t i = 0; i < again.size(); ++i)
    if (again[i])
      reset(plan.stages[i].name);
  failures.clear();
  return end(job_status::running, allowed);
}

std::string job_record::take_body(const ev::job_completed&) {
  auto all = std::all_of(
    dubbing_pipeline().stages.begin(), dubbing_pipeline().stages.end(),
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

std::string job_record::take_body(const ev::stage_started& x) {
  if (!is_stage(x.stage))
    return "there is no such stage";
  auto& spec = spec_of(x.stage);
  auto& stage = stages[x.stage];
  if (!takes_results() || stage.started)
    return x.stage + " cannot start now";
  for (auto& before : spec.after) {
    auto item_by_item = spec.each == fan_out::segments
                        && spec_of(before).each == fan_out::segments;
    auto& other = stages[before];
    if (!other.ended && !(item_by_item && other.started))
      return x.stage + " starts before " + before + " has ended";
  }
  if (x.items == 0 || (spec.each == fan_out::segments && x.items != segments)
      || (spec.each == fan_out::none && x.items != 1))
    return x.stage + " has " + std::to_string(x.items) + " items";
  stage.started = true;
  stage.since = at_;
  stage.items = x.items;
  if (spec.each == fan_out::segments)
    for (auto& [item, gave_up] : degraded)
      stage.done.insert(item);
  return {};
}

std::string job_record::take_body(const ev::item_completed& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items)
    return item + " is not open";
  if (!may_begin({x.stage, x.item}))
    return item + " is done before what it rests on";
  if (!stages[x.stage].done.insert(x.item).second)
    return item + " is done twice";
  failures.erase({x.stage, x.item});
  return {};
}

std::string job_record::take_body(const ev::stage_completed& x) {
  if (!takes_results() || !runs(x.stage))
    return x.stage + " is not open";
  auto& stage = stages[x.stage];
  if (spec_of(x.stage).each != fan_out::none
      && stage.done.size() != stage.items)
    return x.stage + " ends with open items";
  stage.ended = true;
  failures.erase({x.stage, 0});
  if (auto heard = std::get_if<transcript>(&x.result))
    segments = static_cast<std::uint32_t>(heard->segments.size());
  if (auto found = std::get_if<fetched>(&x.result)) {
    if (!source.empty() && source != found->source_object_key)
      return "the source is another one";
    source = found->source_object_key;
  }
  return {};
}

std::string job_record::take_body(const ev::stage_failed& x) {
  if (!takes_results() || (!x.stage.empty() && !runs(x.stage)))
    return x.stage + " is not open";
  return {};
}

std::string job_record::take_body(const ev::artifact_lost& x) {
  auto& plan = dubbing_pipeline();
  auto first = plan.find(x.stage);
  if (first < 0 || !is_done({x.stage, x.item}))
    return "what it was made of is not done";
  auto& maker = plan.stages[static_cast<std::size_t>(first)];
  auto again = stages_from(plan, static_cast<std::uint32_t>(first));
  for (std::size_t i = 0; i < again.size(); ++i)
    if (again[i]
        && (maker.name != x.stage || maker.each == fan_out::none
            || plan.stages[i].name != x.stage))
      reset(plan.stages[i].name);
  if (maker.each != fan_out::none) {
    auto& own = stages[x.stage];
    for (std::uint32_t i = 0; own.ended && i < own.items; ++i)
      own.done.insert(i);
    own.ended = false;
    own.done.erase(x.item);
  }
  return {};
}

std::string job_record::take_body(const ev::attempt_failed& x) {
  item_ref item{x.stage, x.item};
  if (!takes_results() || !runs(x.stage) || is_done(item))
    return name(x.stage, x.item) + " is not open";
  failures[item] = {x.attempt, at_ + x.pause};
  return {};
}

std::string job_record::take_body(const ev::item_degraded& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items
      || is_done({x.stage, x.item}) || !may_begin({x.stage, x.item}))
    return item + " is not open";
  if (spec_of(x.stage).each != fan_out::segments)
    return item + " is no segment";
  if (x.why.message.empty())
    return item + " is degraded without a reason";
  degraded[x.item] = x.stage;
  failures.erase({x.stage, x.item});
  auto& plan = dubbing_pipeline();
  for (auto i = static_cast<std::size_t>(plan.find(x.stage));
       i < plan.stages.size(); ++i)
    if (plan.stages[i].each == fan_out::segments
        && stages[plan.stages[i].name].started)
      stages[plan.stages[i].name].done.insert(x.item);
  return {};
}

std::string job_record::take_body(const ev::chunk_halved& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items
      || is_done({x.stage, x.item}))
    return item + " is not open";
  if (spec_of(x.stage).each != fan_out::chunks)
    return item + " is no chunk";
  failures.erase({x.stage, x.item});
  stages[x.stage].done.insert(x.item); // its two parts are new
  stages[x.stage].items += 2;
  return {};
}

void job_record::reset(const std::string& stage) {
  stages.erase(stage);
  std::erase_if(degraded, [&](auto& x) { return x.second == stage; });
}

/// A person asked, and the dub is not made yet: what was degraded is tried
/// again.
void job_record::reopen_degraded() {
  if (degraded.empty() || stages["merge"].ended)
    return;
  stages.erase("merge");
  auto& plan = dubbing_pipeline();
  for (auto& [item, gave_up] : degraded)
    for (auto i = static_cast<std::size_t>(plan.find(gave_up));
         i < plan.stages.size(); ++i)
      if (plan.stages[i].each == fan_out::segments) {
        stages[plan.stages[i].name].done.erase(item);
        stages[plan.stages[i].name].ended = false;
      }
  degraded.clear();
}

std::string job_record::take_body(const ev::report_owed& x) {
  if (owed)
    return "a report is owed already";
  owed = x.report;
  ever_owed.push_back(x.report);
  auto good = x.report.status == "COMPLETED";
  auto fits
    = good ? takes_results() && stages["upload"].ended
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
