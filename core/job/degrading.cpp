#include "core/job/degrading.hpp"

#include "core/job/stage_marks.hpp"
#include "core/job/starts.hpp"
#include "core/lanes.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

/// Whether the fault is about this one text, or about a service that a dub can
/// do without for a while. A language that is not there would degrade them all.
bool is_bearable(fault_code code) {
  switch (code) {
  case fault_code::unsupported:
  case fault_code::no_speech:
  case fault_code::disk:
  case fault_code::cancelled:
  case fault_code::internal:
    return false;
  default:
    return true;
  }
}

std::string percent(double share) {
  auto tenths = std::lround(share * 1'000);
  auto out = std::to_string(tenths / 10);
  if (tenths % 10 != 0)
    out += "." + std::to_string(tenths % 10);
  return out + " %";
}

std::string count(std::size_t n, std::uint32_t of) {
  return std::to_string(n) + " of " + std::to_string(of)
         + (of == 1 ? " segment" : " segments");
}

/// What the dub into that language goes without.
std::string flaws_of(const job_state& state, std::uint32_t lane) {
  auto& degraded = state.dub(lane).degraded;
  auto kept = static_cast<std::size_t>(
    std::count_if(degraded.begin(), degraded.end(),
                  [](auto& x) { return x.second.how == stand_in::original; }));
  auto silent = degraded.size() - kept;
  std::string in = state.plan->further.empty()
                     ? std::string{}
                     : " in " + language_in(state, lane);
  std::string out;
  if (kept > 0)
    out += ", " + count(kept, state.segments) + " kept the original sound" + in;
  if (silent > 0)
    out += ", " + count(silent, state.segments)
           + (silent == 1 ? " is silent" : " are silent") + in;
  return out;
}

/// The stages by segments whose items are all done have ended.
void end_stages(job_state& next, bodies& facts, time_point now) {
  for (std::size_t i = 0; i < next.stages.size(); ++i) {
    auto& stage = next.stages[i];
    if (next.plan->stages[i].each != fan_out::segments
        || stage.status != stage_status::running
        || stage.done != stage.items.size())
      continue;
    facts.push_back(ev::stage_completed{
      next.plan->stages[i].name, std::max(1, stage.attempt), reported{}});
    evolve(next, {next.seq + 1, now, next.row.run, facts.back()});
  }
}

} // namespace

std::optional<stand_in> stand_in_for(const job_state& state,
                                     const in::gave_up& x,
                                     const job_rules& rules) {
  auto& spec = state.plan->stages[x.work.stage];
  auto policy = rules.on_exhausted.find(spec.policy);
  if (spec.each != fan_out::segments || policy == rules.on_exhausted.end()
      || !is_bearable(x.why.code))
    return std::nullopt;
  switch (policy->second) {
  case exhausted::keep_original:
    return stand_in::original;
  case exhausted::silence:
    return stand_in::silence;
  default:
    return std::nullopt;
  }
}

bodies degrade(const job_state& state, const in::gave_up& x, stand_in how,
               time_point now, const job_rules& rules) {
  auto& spec = state.plan->stages[x.work.stage];
  auto many = degraded_in(state, spec) + 1;
  if (static_cast<double>(many)
      > rules.max_degraded_ratio * state.segments + 1e-9) {
    auto why = x.why;
    why.message = count(many, state.segments)
                  + " could not be dubbed, more than the "
                  + percent(rules.max_degraded_ratio)
                  + " that max_degraded_ratio allows; the last one, segment "
                  + std::to_string(x.work.item) + " at " + spec.name + ": "
                  + x.why.message;
    return {
      ev::job_parked{why, spec.name, x.work.item, now + rules.park_timeout}};
  }
  bodies out{ev::item_degraded{spec.name, x.work.item, x.attempt, how, x.why}};
  settle(state, out, now);
  return out;
}

void settle(const job_state& state, bodies& facts, time_point now) {
  auto next = without_results(state);
  for (auto& fact : facts)
    evolve(next, {next.seq + 1, now, next.row.run, fact});
  end_stages(next, facts, now);
  auto more
    = starts(next, std::nullopt, {0, next.segments, next.output_object_key});
  std::move(more.begin(), more.end(), std::back_inserter(facts));
}

std::string completion_of(const job_state& state) {
  std::string out = "Dubbing complete";
  if (!state.plan->further.empty())
    out += " in " + std::to_string(lanes_of(*state.plan)) + " languages";
  for (std::uint32_t lane = 0; lane < lanes_of(*state.plan); ++lane)
    out += flaws_of(state, lane);
  return out;
}

job_state without_results(const job_state& state) {
  job_state light;
  light.book = state.book;
  light.plan = state.plan;
  light.pipeline_asked = state.pipeline_asked;
  light.seq = state.seq;
  light.row = state.row;
  light.stages = state.stages;
  light.segments = state.segments;
  light.further.resize(state.further.size());
  for (std::uint32_t lane = 0; lane <= state.further.size(); ++lane) {
    light.dub(lane).degraded = state.dub(lane).degraded;
    light.dub(lane).stopped = state.dub(lane).stopped;
    light.dub(lane).output_object_key = state.dub(lane).output_object_key;
  }
  light.error = state.error;
  light.parked_until = state.parked_until;
  light.owed = state.owed;
  light.debt = state.debt;
  light.losses = state.losses;
  return light;
}

void job_rules::follow(const service_policies& services) {
  on_exhausted.clear();
  for (auto& [name, policy] : services)
    on_exhausted[name] = policy.on_exhausted;
}

} // namespace dubber
