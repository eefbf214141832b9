#include "core/job/starts.hpp"

#include "core/job/degrading.hpp"

#include <algorithm>

namespace dubber {

namespace {

std::uint32_t items_of(const stage_spec& spec, const item_counts& counts) {
  switch (spec.each) {
  case fan_out::chunks:
    return counts.chunks;
  case fan_out::segments:
    return counts.segments;
  default:
    return 1;
  }
}

bool follows_item_by_item(const stage_spec& before, const stage_spec& after) {
  return before.each == fan_out::segments && after.each == fan_out::segments;
}

} // namespace

std::vector<event_body> starts(const job_state& state,
                               std::optional<std::uint32_t> ended,
                               const item_counts& counts) {
  auto& specs = state.plan->stages;
  std::vector<bool> done(specs.size());
  std::vector<bool> begun(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto status = state.stages[i].status;
    done[i] = ended == i || status == stage_status::done;
    begun[i] = status != stage_status::pending;
  }
  std::vector<event_body> out;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto ready = [&](const std::string& name) {
      auto before = static_cast<std::size_t>(state.plan->find(name));
      return done[before]
             || (begun[before]
                 && follows_item_by_item(specs[before], specs[i]));
    };
    if (begun[i]
        || !std::all_of(specs[i].after.begin(), specs[i].after.end(), ready))
      continue;
    begun[i] = true;
    if (specs[i].kind == work_kind::report)
      out.push_back(ev::report_owed{
        {"COMPLETED", counts.output_key, completion_of(state)}});
    out.push_back(ev::stage_started{specs[i].name, items_of(specs[i], counts)});
  }
  return out;
}

} // namespace dubber
