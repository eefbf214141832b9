#include "core/job/stage_marks.hpp"

#include "core/job/control.hpp"
#include "core/lanes.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// The lane's stages that rest on what was degraded in it, by index.
std::vector<bool> resting_on_degraded(const job_state& st, std::uint32_t lane) {
  std::vector<bool> out(st.stages.size());
  for (auto& [item, what] : st.dub(lane).degraded) {
    auto first = st.plan->find(what.stage);
    if (first < 0)
      continue;
    auto from = stages_from(*st.plan, static_cast<std::uint32_t>(first));
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = out[i] || (from[i] && works_for(st.plan->stages[i], lane));
  }
  return out;
}

/// Whether the dub is made, with what stands in for the degraded segments.
bool is_made(const job_state& st, const std::vector<bool>& rest) {
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (rest[i] && st.plan->stages[i].each == fan_out::none
        && st.stages[i].status == stage_status::done)
      return true;
  return false;
}

void reopen_degraded_in(job_state& st, std::uint32_t lane,
                        const std::vector<bool>& rest) {
  auto& degraded = st.dub(lane).degraded;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!rest[i])
      continue;
    if (st.plan->stages[i].each == fan_out::none) {
      reset_stage(st, i, false);
      continue;
    }
    for (auto& [item, what] : degraded)
      if (goes_without(*st.plan, i, what))
        open_item(st.stages[i], item);
  }
  degraded.clear();
}

void reopen_spoken(job_state& st, std::uint32_t lane,
                   const std::vector<std::uint32_t>& lost) {
  auto speak = stage_in(*st.plan, lane, work_kind::speak);
  if (speak >= 0 && !lost.empty()) {
    auto& stage = st.stages[static_cast<std::size_t>(speak)];
    stage.fresh = true; // a kept result has lost the same file
    for (auto item : lost)
      open_item(stage, item);
  }
  auto& speeches = st.dub(lane).speeches;
  for (auto item : lost)
    if (item < speeches.size())
      speeches[item].reset();
}

} // namespace

void mark_done(stage_progress& s, std::uint32_t item, int attempt) {
  s.items.set(item, true);
  s.done += 1;
  s.attempt = attempt;
  s.cached += attempt == 0 ? 1 : 0;
  if (s.past)
    s.past->retries.erase(item);
  while (s.first_open < s.items.size() && s.items[s.first_open])
    s.first_open += 1;
}

void open_item(stage_progress& s, std::uint32_t item) {
  if (item >= s.items.size() || !s.items[item])
    return;
  s.items.set(item, false);
  s.done -= 1;
  if (s.past)
    s.past->given = std::min(s.past->given, s.done);
  s.first_open = std::min(s.first_open, item);
  s.status = stage_status::running;
  s.ended_at.reset();
}

void reset_stage(job_state& st, std::size_t i, bool redo) {
  auto& s = st.stages[i];
  auto& spec = st.plan->stages[i];
  auto generation = s.generation() + (redo ? 1 : 0);
  auto counted = s.counted;
  s = stage_progress{};
  if (generation > 0)
    s.past.make().generation = generation;
  s.counted = counted;
  s.fresh = redo;
  for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane)
    st.dub(lane).degraded.erase_if(
      [&](auto& x) { return x.second.stage == spec.name; });
  auto& dub = st.dub(spec.lane);
  switch (spec.kind) {
  case work_kind::extract:
    st.media.reset();
    break;
  case work_kind::transcribe:
    st.chunks = {};
    st.spans = {};
    st.speech.reset();
    st.segments = 0;
    break;
  case work_kind::translate:
    dub.translations = {};
    break;
  case work_kind::speak:
    dub.speeches = {};
    break;
  case work_kind::merge:
    dub.result.reset();
    break;
  case work_kind::upload:
    dub.output_object_key.clear();
    break;
  case work_kind::http:
    st.answers.erase(static_cast<std::uint32_t>(i));
    break;
  default: // fetch: what is known stays until it is fetched again
    break;
  }
}

void reopen_lost(job_state& st, const ev::run_started& x) {
  reopen_spoken(st, 0, x.lost);
  for (auto& [language, lost] : x.lost_in)
    if (auto lane = lane_of(*st.plan, st.row.target_language, language);
        lane > 0)
      reopen_spoken(st, static_cast<std::uint32_t>(lane), lost);
}

bool goes_without(const pipeline& plan, std::size_t stage,
                  const degradation& what) {
  auto first = plan.find(what.stage);
  return first >= 0 && stage >= static_cast<std::size_t>(first)
         && stages_from(plan, static_cast<std::uint32_t>(first))[stage];
}

void reopen_degraded(job_state& st) {
  for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane) {
    auto rest = resting_on_degraded(st, lane);
    if (!is_made(st, rest))
      reopen_degraded_in(st, lane, rest);
  }
}

std::size_t degraded_in(const job_state& st, const stage_spec& spec) {
  std::size_t out = 0;
  for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane)
    if (works_for(spec, lane))
      out = std::max(out, st.dub(lane).degraded.size());
  return out;
}

} // namespace dubber
