/// What a history says of segments that are done again: edited by a person, or
/// tried anew.
#include "core/lanes.hpp"
#include "tests/simulation/job_record.hpp"

#include <algorithm>
#include <utility>

namespace dubber::sim {

namespace {

/// A text is followed by all languages, a translation alone by its own.
bool is_for_all(const ev::segment_edited& x) {
  return x.text || !x.translation;
}

std::uint32_t lane_in(const pipeline& plan, const std::string& gateways,
                      const ev::segment_edited& x) {
  return static_cast<std::uint32_t>(
    std::max(0, lane_of(plan, gateways, x.language)));
}

} // namespace

std::string job_record::take_body(const ev::segment_edited& x) {
  wishes.insert(x.reason);
  auto asr = stage_of_kind(*plan, 0, work_kind::transcribe);
  if (!asr || !stages[asr->name].ended || x.item >= segments)
    return "there is no segment " + std::to_string(x.item);
  if (status == job_status::rejected)
    return "the job is rejected";
  if (lane_of(*plan, language, x.language) < 0)
    return "there is no language " + x.language;
  if (!x.from.empty() && !spec(x.from))
    return "there is no stage " + x.from;
  note_pioneers();
  for (auto& stage : plan->stages)
    if (by_segments(stage) && stages[stage.name].started)
      edit_item(x, stage);
  put_back_gatherers(x);
  auto own = lane_in(*plan, language, x);
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (lane == own || is_for_all(x))
      degraded[lane].erase(x.item);
  if (x.text)
    texts[x.item] = *x.text;
  if (auto given = stage_of_kind(*plan, own, work_kind::translate);
      given && x.translation)
    said[given->name][x.item] = *x.translation;
  edits[x.item] = at_;
  edited_at = at_;
  return {};
}

/// Whether the stage over segments works on words that the edit changes.
bool job_record::concerns(const ev::segment_edited& x,
                          const stage_spec& stage) const {
  return is_for_all(x) || plan->further.empty()
         || (!stage.shared && stage.lane == lane_in(*plan, language, x));
}

/// Whether the stage over segments does the segment again.
bool job_record::is_again(const ev::segment_edited& x,
                          const stage_spec& stage) const {
  auto own = lane_in(*plan, language, x);
  auto given = stage_of_kind(*plan, own, work_kind::translate);
  if (x.translation && given && given->name == stage.name)
    return false;
  // The other languages follow a text; with calls of the pipeline's own by
  // segments it goes through all of them.
  auto calls = std::any_of(plan->stages.begin(), plan->stages.end(),
                           [](auto& s) { return s.http && by_segments(s); });
  if (!plan->further.empty() && is_for_all(x)
      && (calls || (!stage.shared && stage.lane != own)))
    return true;
  if (x.from.empty())
    return false;
  return !x.translation || (given && rests_on(*plan, stage, given->name));
}

void job_record::edit_item(const ev::segment_edited& x,
                           const stage_spec& stage) {
  auto& is = stages[stage.name];
  auto given
    = stage_of_kind(*plan, lane_in(*plan, language, x), work_kind::translate);
  if (is_again(x, stage)) {
    for (std::uint32_t k = 0; is.ended && k < is.items; ++k)
      is.done.insert(k);
    is.ended = false;
    is.done.erase(x.item);
    failures.erase({stage.name, x.item});
  } else if (x.translation && given && given->name == stage.name) {
    is.done.insert(x.item);
    failures.erase({stage.name, x.item});
  }
}

/// What waits for all segments does so again.
void job_record::put_back_gatherers(const ev::segment_edited& x) {
  for (auto& stage : plan->stages) {
    auto gathers = std::any_of(
      plan->stages.begin(), plan->stages.end(), [&](auto& before) {
        return by_segments(before) && concerns(x, before)
               && rests_on(*plan, stage, before.name);
      });
    if (by_segments(stage) || !gathers || !stages[stage.name].started)
      continue;
    stages.erase(stage.name);
    failures.erase({stage.name, 0});
    put_back_[stage.name].insert(x.item);
  }
}

/// A person asked, and the dub is not made yet: what was degraded is tried
/// again.
void job_record::reopen_degraded() {
  auto before = pioneer_was_through_;
  note_pioneers();
  auto through = std::exchange(pioneer_was_through_, std::move(before));
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (reopen_degraded_in(lane))
      for (auto& wave : through)
        if (wave.first == lane || wave.first == all_lanes)
          pioneer_was_through_.insert(wave);
}

/// @returns Whether there were any.
bool job_record::reopen_degraded_in(std::uint32_t lane) {
  auto& lost = degraded[lane];
  auto rests = [&](const stage_spec& stage, const std::string& gave_up) {
    return (stage.shared || stage.lane == lane)
           && rests_on(*plan, stage, gave_up);
  };
  auto goes_without = [&](const stage_spec& stage) {
    return std::any_of(lost.begin(), lost.end(),
                       [&](auto& x) { return rests(stage, x.second); });
  };
  for (auto& stage : plan->stages)
    if (!by_segments(stage) && goes_without(stage) && stages[stage.name].ended)
      return false; // it has gathered what stands in for them
  if (lost.empty())
    return false;
  for (auto& stage : plan->stages) {
    if (!by_segments(stage) && goes_without(stage))
      stages.erase(stage.name);
    else if (auto is = stages.find(stage.name);
             by_segments(stage) && is != stages.end())
      for (auto& [item, gave_up] : lost)
        if (rests(stage, gave_up)) {
          is->second.done.erase(item);
          is->second.ended = false;
        }
  }
  lost.clear();
  return true;
}

} // namespace dubber::sim
