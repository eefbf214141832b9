#include "core/lanes.hpp"

#include "core/languages.hpp"

#include <algorithm>

namespace dubber {

namespace {

bool has_words_of(work_kind kind) {
  return kind == work_kind::translate || kind == work_kind::speak
         || kind == work_kind::merge || kind == work_kind::upload;
}

/// Whether the call's content may be another one in another language.
bool looks_at_language(const stage_spec& spec) {
  if (!spec.http)
    return false;
  auto pointers = pointers_of(*spec.http);
  return std::any_of(pointers.begin(), pointers.end(), [](auto& pointer) {
    return pointer.empty() || pointer == "/job" || pointer == "/job/voice"
           || pointer == "/job/target_language";
  });
}

std::string name_in(const std::string& stage, const std::string& language) {
  return stage + ":" + language;
}

struct multiplier {
  const pipeline& base;
  std::vector<bool> each_language;

  bool is_multiplied(const std::string& stage) const {
    auto i = base.find(stage);
    return i >= 0 && each_language[static_cast<std::size_t>(i)];
  }

  std::string in_lane(const std::string& stage,
                      const std::string& language) const {
    return is_multiplied(stage) ? name_in(stage, language) : stage;
  }

  stage_spec copy(const stage_spec& spec, std::uint32_t lane,
                  const std::string& language) const {
    auto out = spec;
    out.name = name_in(spec.name, language);
    out.shared = false;
    out.lane = lane;
    for (auto& before : out.after)
      before = in_lane(before, language);
    out.text_of = in_lane(out.text_of, language);
    out.background = in_lane(out.background, language);
    return out;
  }

  /// Waits for what it waited for in all languages.
  void wait_for_all(stage_spec& spec,
                    const std::vector<std::string>& further) const {
    auto after = spec.after;
    for (auto& language : further)
      for (auto& before : after)
        if (is_multiplied(before))
          spec.after.push_back(name_in(before, language));
  }
};

} // namespace

std::vector<bool> language_stages(const pipeline& plan) {
  std::vector<bool> out(plan.stages.size());
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    auto& spec = plan.stages[i];
    if (!has_words_of(spec.kind) && !looks_at_language(spec))
      continue;
    auto rest = stages_from(plan, i);
    for (std::size_t k = i; k < out.size(); ++k)
      out[k] = out[k] || (rest[k] && plan.stages[k].kind != work_kind::report);
  }
  return out;
}

pipeline_ptr with_lanes(const pipeline_ptr& plan,
                        const std::vector<std::string>& further) {
  auto base = plan->base ? plan->base : plan;
  if (further.empty())
    return base;
  auto out = std::make_shared<pipeline>(*base);
  out->base = base;
  out->further = further;
  multiplier each{*base, language_stages(*base)};
  stage_spec report = base->stages.back();
  each.wait_for_all(report, further);
  out->stages.pop_back();
  for (auto& spec : out->stages)
    spec.shared = !each.is_multiplied(spec.name);
  for (std::uint32_t lane = 1; lane <= further.size(); ++lane)
    for (auto& spec : base->stages)
      if (each.is_multiplied(spec.name))
        out->stages.push_back(each.copy(spec, lane, further[lane - 1]));
  out->stages.push_back(std::move(report));
  count_waves(*out);
  return out;
}

std::string_view defined_name(std::string_view stage) {
  return stage.substr(0, stage.find(':'));
}

int lane_of(const pipeline& plan, const std::string& gateways,
            const std::string& language) {
  if (language.empty() || is_same_language(language, gateways))
    return 0;
  for (std::size_t i = 0; i < plan.further.size(); ++i)
    if (is_same_language(plan.further[i], language))
      return static_cast<int>(i) + 1;
  return -1;
}

int stage_in(const pipeline& plan, std::uint32_t lane, work_kind kind) {
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    if (plan.stages[i].kind == kind && works_for(plan.stages[i], lane))
      return static_cast<int>(i);
  return -1;
}

int stage_in(const pipeline& plan, std::uint32_t lane, std::string_view name) {
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    if (defined_name(plan.stages[i].name) == name
        && works_for(plan.stages[i], lane))
      return static_cast<int>(i);
  return -1;
}

} // namespace dubber
