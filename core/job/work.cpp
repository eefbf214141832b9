#include "core/job/apart.hpp"
#include "core/job/inputs.hpp"
#include "core/job/machine.hpp"
#include "core/job/stage_marks.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// The stages before, by index.
std::vector<std::size_t> stages_before(const pipeline& plan,
                                       const stage_spec& spec) {
  std::vector<std::size_t> out;
  for (auto& name : spec.after)
    out.push_back(static_cast<std::size_t>(plan.find(name)));
  return out;
}

/// Whether the stages before allow this very item.
bool inputs_ready(const job_state& st, const stage_spec& spec,
                  const std::vector<std::size_t>& before, std::uint32_t item) {
  return std::all_of(before.begin(), before.end(), [&](std::size_t i) {
    auto& stage = st.stages[i];
    if (stage.status == stage_status::done)
      return true;
    return st.plan->stages[i].each == fan_out::segments
           && spec.each == fan_out::segments && item < stage.items.size()
           && stage.items[item];
  });
}

/// Whether segment 0 went through every stage over segments of the same wave
/// and language: only then the others follow. Where others have, and not by
/// hand, it did before it was taken back. A language that is stopped holds back
/// no other.
bool pioneer_is_through(const job_state& st, const stage_spec& of) {
  for (std::uint32_t i = 0; i < st.stages.size(); ++i) {
    auto& stage = st.stages[i];
    auto& spec = st.plan->stages[i];
    auto along = spec.lane == of.lane || spec.shared || of.shared;
    if (spec.each == fan_out::segments && spec.wave == of.wave && along
        && !is_stopped(st, {i, 0})
        && (stage.items.empty()
            || (!stage.items[0]
                && stage.done <= stage.given() + degraded_in(st, spec))))
      return false;
  }
  return true;
}

} // namespace

std::vector<work_ref> startable(const job_state& state,
                                const std::set<work_ref>& running,
                                std::size_t window) {
  std::vector<work_ref> out;
  if (!state.is_active())
    return out;
  for (std::uint32_t s = 0; s < state.stages.size(); ++s) {
    auto& stage = state.stages[s];
    auto& spec = state.plan->stages[s];
    // The report is the reporter's, from the debt.
    if (stage.status != stage_status::running || spec.kind == work_kind::report
        || is_stopped(state, {s, 0}))
      continue;
    auto last = static_cast<std::uint32_t>(stage.items.size());
    if (spec.each == fan_out::segments && !pioneer_is_through(state, spec))
      last = std::min(last, 1u);
    std::size_t busy = 0;
    auto before = stages_before(*state.plan, spec);
    for (auto i = stage.first_open; i < last && busy < window; ++i) {
      if (stage.items[i])
        continue;
      if (!inputs_ready(state, spec, before, i))
        continue;
      ++busy;
      if (!running.count({s, i}))
        out.push_back({s, i});
    }
  }
  return out;
}

std::vector<work_ref> admitted(const std::vector<work_ref>& startable,
                               std::map<std::uint32_t, stage_load> load) {
  std::vector<work_ref> out;
  for (auto& work : startable) {
    auto& now = load[work.stage];
    if (now.asking >= std::max<std::size_t>(1, now.calling))
      continue;
    ++now.asking;
    out.push_back(work);
  }
  return out;
}

std::shared_ptr<const work_order> make_order(const job_state& state,
                                             work_ref work) {
  auto& spec = state.plan->stages[work.stage];
  auto order = std::make_shared<work_order>();
  order->kind = spec.kind;
  order->service = spec.service;
  order->job_id = state.row.job_id;
  order->job_no = state.row.job_no;
  order->run = state.row.run;
  order->generation = state.stages[work.stage].generation();
  order->fresh = state.stages[work.stage].fresh;
  order->stage = spec.name;
  if (spec.lane > 0)
    order->language = language_in(state, spec.lane);
  order->item = work.item;
  order->input = input_of(state, work);
  return order;
}

} // namespace dubber
