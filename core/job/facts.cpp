#include "core/job/facts.hpp"

#include "core/lanes.hpp"

#include <chrono>

namespace dubber {

std::vector<stage_fact> facts_of(const job_state& state, std::uint32_t lane) {
  std::vector<stage_fact> out;
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    auto& stage = state.stages[i];
    if (!works_for(state.plan->stages[i], lane)
        || stage.status != stage_status::done || !stage.started_at
        || !stage.ended_at)
      continue;
    std::chrono::duration<double> took = *stage.ended_at - *stage.started_at;
    out.push_back({std::string{defined_name(state.plan->stages[i].name)},
                   took.count(), static_cast<std::uint32_t>(stage.items.size()),
                   stage.past ? stage.past->failed
                              : decltype(stage_fact::failed_attempts){}});
  }
  return out;
}

std::map<std::string, std::string> artifacts_of(const job_state& state,
                                                std::uint32_t lane) {
  auto& dub = state.dub(lane);
  std::map<std::string, std::string> out;
  if (state.media)
    out["audio"] = state.media->audio.key;
  if (dub.result) {
    out["video"] = dub.result->video.key;
    out["srt"] = dub.result->srt.key;
    out["vtt"] = dub.result->vtt.key;
    out["report"] = dub.result->report.key;
  }
  // Under the stage's name, which cannot take one of the above away.
  for (auto& [stage, items] : state.answers)
    if (items.size() == 1 && items.front() && items.front()->file
        && state.plan->stages[stage].each == fan_out::none
        && works_for(state.plan->stages[stage], lane))
      out.emplace(defined_name(state.plan->stages[stage].name),
                  items.front()->file->key);
  if (!dub.output_object_key.empty())
    out["video"] = dub.output_object_key;
  if (dub.output_files)
    for (auto& [name, key] : *dub.output_files)
      out[name] = key;
  return out;
}

} // namespace dubber
