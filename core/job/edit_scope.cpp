#include "core/job/edit_scope.hpp"

#include "core/lanes.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// Calls of the pipeline's own may use what an edit changes.
bool has_calls_by_segment(const pipeline& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(), [](auto& spec) {
    return spec.kind == work_kind::http && spec.each == fan_out::segments;
  });
}

std::string name_of(const pipeline& plan, std::uint32_t lane, work_kind kind) {
  auto i = stage_in(plan, lane, kind);
  return i < 0 ? std::string{} : plan.stages[static_cast<std::size_t>(i)].name;
}

void add(std::vector<bool>& out, const std::vector<bool>& more) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = out[i] || more[i];
}

/// The stages that rest on `first`, itself included; none for no such stage.
std::vector<bool> resting_on(const pipeline& plan, const std::string& first) {
  auto i = plan.find(first);
  return i < 0 ? std::vector<bool>(plan.stages.size())
               : stages_from(plan, static_cast<std::uint32_t>(i));
}

std::uint32_t edited_lane(const pipeline& plan, const std::string& gateways,
                          const ev::segment_edited& x) {
  return static_cast<std::uint32_t>(
    std::max(0, lane_of(plan, gateways, x.language)));
}

bool concerns_all(const ev::segment_edited& x) {
  return x.text.has_value() || !x.translation;
}

} // namespace

bool concerns(const pipeline& plan, const std::string& gateways,
              const ev::segment_edited& x, std::uint32_t lane) {
  return concerns_all(x) || lane == edited_lane(plan, gateways, x);
}

edit_scope scope_of(const pipeline& plan, const std::string& gateways,
                    const ev::segment_edited& x) {
  edit_scope out;
  auto own = edited_lane(plan, gateways, x);
  out.again = resting_on(plan, x.from);
  for (std::uint32_t lane = 0; lane < lanes_of(plan); ++lane)
    if (lane != own && concerns_all(x))
      add(out.again, resting_on(plan, text_begins_at(plan, lane)));
  if (auto given = stage_in(plan, own, work_kind::translate);
      x.translation && given >= 0)
    out.again[static_cast<std::size_t>(given)] = false;
  out.overtaken.resize(plan.stages.size());
  out.gathering.resize(plan.stages.size());
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    auto& spec = plan.stages[i];
    auto is_own = works_for(spec, own);
    if (spec.each != fan_out::segments || (!is_own && !concerns_all(x))
        || (spec.shared && !plan.further.empty() && !concerns_all(x)))
      continue;
    out.overtaken[i] = !is_own || !x.from.empty();
    auto after = stages_from(plan, i);
    for (std::size_t k = 0; k < after.size(); ++k)
      if (after[k] && plan.stages[k].each != fan_out::segments)
        out.gathering[k] = true;
  }
  return out;
}

std::string text_begins_at(const pipeline& plan, std::uint32_t lane) {
  return name_of(plan, lane,
                 has_calls_by_segment(plan) ? work_kind::transcribe
                                            : work_kind::translate);
}

std::string translation_begins_at(const pipeline& plan, std::uint32_t lane) {
  return name_of(plan, lane,
                 has_calls_by_segment(plan) ? work_kind::translate
                                            : work_kind::speak);
}

} // namespace dubber
