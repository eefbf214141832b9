#include "core/job/stage_marks.hpp"

#include "core/job/control.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// The stages that rest on what was degraded, by index.
std::vector<bool> resting_on_degraded(const job_state& st) {
  std::vector<bool> out(st.stages.size());
  for (auto& [item, what] : st.degraded) {
    auto first = st.plan->find(what.stage);
    if (first < 0)
      continue;
    auto from = stages_from(*st.plan, static_cast<std::uint32_t>(first));
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = out[i] || from[i];
  }
  return out;
}

} // namespace

void mark_done(stage_progress& s, std::uint32_t item, int attempt) {
  s.items[item] = true;
  s.done += 1;
  s.attempt = attempt;
  s.cached += attempt == 0 ? 1 : 0;
  if (s.failures)
    s.failures->retries.erase(item);
  while (s.first_open < s.items.size() && s.items[s.first_open])
    s.first_open += 1;
}

void open_item(stage_progress& s, std::uint32_t item) {
  if (item >= s.items.size() || !s.items[item])
    return;
  s.items[item] = false;
  s.done -= 1;
  s.first_open = std::min(s.first_open, item);
  s.status = stage_status::running;
  s.ended_at.reset();
}

void reset_stage(job_state& st, std::size_t i, bool redo) {
  auto& s = st.stages[i];
  auto& spec = st.plan->stages[i];
  auto generation = s.generation + (redo ? 1 : 0);
  auto counted = s.counted;
  s = stage_progress{};
  s.generation = generation;
  s.counted = counted;
  s.fresh = redo;
  std::erase_if(st.degraded,
                [&](auto& x) { return x.second.stage == spec.name; });
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
    st.translations = {};
    break;
  case work_kind::speak:
    st.speeches = {};
    break;
  case work_kind::merge:
    st.result.reset();
    break;
  case work_kind::upload:
    st.output_object_key.clear();
    break;
  case work_kind::http:
    st.answers.erase(static_cast<std::uint32_t>(i));
    break;
  default: // fetch: what is known stays until it is fetched again
    break;
  }
}

void reopen_spoken(job_state& st, const std::vector<std::uint32_t>& lost) {
  for (std::size_t i = 0; i < st.stages.size() && !lost.empty(); ++i)
    if (st.plan->stages[i].kind == work_kind::speak) {
      st.stages[i].fresh = true; // a kept result has lost the same file
      for (auto item : lost)
        open_item(st.stages[i], item);
    }
  for (auto item : lost)
    if (item < st.speeches.size())
      st.speeches[item].reset();
}

bool goes_without(const pipeline& plan, std::size_t stage,
                  const degradation& what) {
  auto first = plan.find(what.stage);
  return first >= 0 && stage >= static_cast<std::size_t>(first)
         && stages_from(plan, static_cast<std::uint32_t>(first))[stage];
}

void reopen_degraded(job_state& st) {
  auto rest = resting_on_degraded(st);
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (rest[i] && st.plan->stages[i].each == fan_out::none
        && st.stages[i].status == stage_status::done)
      return;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!rest[i])
      continue;
    if (st.plan->stages[i].each == fan_out::none) {
      reset_stage(st, i, false);
      continue;
    }
    for (auto& [item, what] : st.degraded)
      if (goes_without(*st.plan, i, what))
        open_item(st.stages[i], item);
  }
  st.degraded.clear();
}

} // namespace dubber
