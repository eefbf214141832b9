#include "tests/simulation/graph.hpp"

#include "core/lanes.hpp"

#include <algorithm>

namespace dubber::sim {

const stage_spec* stage_named(const pipeline& plan, std::string_view name) {
  for (auto& spec : plan.stages)
    if (spec.name == name)
      return &spec;
  return nullptr;
}

const stage_spec* stage_of_kind(const pipeline& plan, std::uint32_t lane,
                                work_kind kind) {
  for (auto& spec : plan.stages)
    if (spec.kind == kind && (spec.shared || spec.lane == lane))
      return &spec;
  return nullptr;
}

const stage_spec* stage_meant(const pipeline& plan, std::uint32_t lane,
                              std::string_view name) {
  for (auto& spec : plan.stages)
    if (defined_name(spec.name) == name && (spec.shared || spec.lane == lane))
      return &spec;
  return nullptr;
}

bool rests_on(const pipeline& plan, const stage_spec& stage,
              std::string_view first) {
  return stage.name == first
         || std::any_of(stage.after.begin(), stage.after.end(), [&](auto& x) {
              auto before = stage_named(plan, x);
              return before && rests_on(plan, *before, first);
            });
}

std::uint32_t wave_of(const pipeline& plan, const stage_spec& stage) {
  std::uint32_t out = 0;
  for (auto& name : stage.after)
    if (auto before = stage_named(plan, name)) {
      auto waits_for_all = by_segments(*before) && !by_segments(stage);
      out = std::max(out, wave_of(plan, *before) + (waits_for_all ? 1u : 0u));
    }
  return out;
}

} // namespace dubber::sim
