#include "core/pipeline_check.hpp"

#include "core/pipeline_pointers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace dubber {

namespace {

using mistakes = std::vector<std::string>;

std::string at(const stage_spec& spec) {
  return "stages." + spec.name;
}

/// What must have been done before such work.
struct need {
  work_kind kind;
  work_kind before;
};

constexpr std::array<need, 8> needs{{
  {work_kind::extract, work_kind::fetch},
  {work_kind::transcribe, work_kind::extract},
  {work_kind::translate, work_kind::transcribe},
  {work_kind::speak, work_kind::transcribe},
  {work_kind::merge, work_kind::speak},
  {work_kind::upload, work_kind::merge},
  {work_kind::http, work_kind::fetch},
  {work_kind::report, work_kind::fetch},
}};

/// One pipeline, and what is wrong with it.
struct checker {
  const pipeline& plan;
  const service_policies& services;
  mistakes out = {};

  void say(const stage_spec& spec, const std::string& what) {
    out.push_back(at(spec) + what);
  }

  /// The stages that are done before this one begins, or go along with it.
  std::set<std::string> before(const stage_spec& spec) const {
    std::set<std::string> all;
    auto last = static_cast<std::uint32_t>(plan.find(spec.name));
    for (std::uint32_t i = 0; i < last; ++i)
      if (stages_from(plan, i)[last])
        all.insert(plan.stages[i].name);
    return all;
  }

  bool has_before(const std::set<std::string>& names, work_kind kind) const {
    return std::any_of(plan.stages.begin(), plan.stages.end(), [&](auto& x) {
      return x.kind == kind && names.count(x.name) > 0;
    });
  }

  void check_ends() {
    auto count = [&](work_kind kind) {
      return std::count_if(plan.stages.begin(), plan.stages.end(),
                           [&](auto& x) { return x.kind == kind; });
    };
    for (auto i = 0; i < static_cast<int>(work_kind::http); ++i)
      if (auto kind = static_cast<work_kind>(i); count(kind) > 1)
        out.push_back("stages: there may be one of kind "
                      + std::string{to_string(kind)} + " only");
    for (auto [kind, name] : {std::pair{work_kind::fetch, fetch_stage},
                              std::pair{work_kind::report, report_stage}})
      if (count(kind) == 0)
        out.push_back("stages: one of kind " + std::string{to_string(kind)}
                      + " must be there, named " + name);
      else if (auto i = plan.find(name);
               i < 0 || plan.stages[static_cast<std::size_t>(i)].kind != kind)
        out.push_back("stages: the one of kind " + std::string{to_string(kind)}
                      + " must be named " + name);
  }

  void check_place(const stage_spec& spec, const std::set<std::string>& all) {
    auto first = spec.kind == work_kind::fetch;
    if (first != spec.after.empty())
      say(spec, first ? ".after must not be there: everything begins with it"
                      : ".after must name at least one stage");
    auto speak_needs_translate
      = spec.kind == work_kind::speak && spec.text_of.empty();
    for (auto& x : needs)
      if (x.kind == spec.kind && !spec.after.empty()
          && !has_before(all, x.before))
        say(spec, " must come after a stage of kind "
                    + std::string{to_string(x.before)});
    if (speak_needs_translate && !has_before(all, work_kind::translate))
      say(spec, " must come after a stage of kind translate, or name one in "
                "text_of");
    if (spec.each == fan_out::segments
        && !has_before(all, work_kind::transcribe))
      say(spec, ".for_each: there are no segments before a stage of kind "
                "transcribe is done");
    if (spec.kind == work_kind::report && all.size() + 1 < plan.stages.size())
      for (auto& x : plan.stages)
        if (x.name != spec.name && all.count(x.name) == 0)
          say(spec, " must come after " + x.name + ": it is the end");
  }

  void check_gate(const stage_spec& spec) {
    auto service = services.find(spec.service);
    if (spec.service.empty())
      say(spec, ".service must be there");
    else if (service == services.end() || service->second.policy_only)
      say(spec, ".service names " + spec.service + ", which is not defined");
    else if (spec.kind == work_kind::http && service->second.urls.empty()
             && (spec.service == "media" || spec.service == "store"))
      say(spec, ".service: " + spec.service + " is not called over HTTP");
    if (!spec.policy.empty() && services.count(spec.policy) == 0)
      say(spec, ".policy names " + spec.policy + ", which is not defined");
  }

  /// The `http` stage of that name, where it is one that is done before.
  const stage_spec* call_named(const stage_spec& spec,
                               const std::set<std::string>& all,
                               const std::string& field,
                               const std::string& name) {
    auto i = plan.find(name);
    auto found = i < 0 ? nullptr : &plan.stages[static_cast<std::size_t>(i)];
    if (found && found->http && all.count(name) > 0)
      return found;
    say(spec, "." + field + " names " + name
                + ", which is no stage of kind http that comes before");
    return nullptr;
  }

  void check_inputs(const stage_spec& spec, const std::set<std::string>& all) {
    if (!spec.text_of.empty())
      if (auto from = call_named(spec, all, "text_of", spec.text_of);
          from && (from->each != fan_out::segments || from->http->text.empty()))
        say(spec, ".text_of: stage " + from->name
                    + " must go by segments and say what its text is");
    if (!spec.background.empty())
      if (auto from = call_named(spec, all, "background", spec.background);
          from
          && (from->each != fan_out::none
              || from->http->answer != answer_kind::file))
        say(spec, ".background: stage " + from->name
                    + " must not go by segments, and be answered with a file");
    if (spec.http)
      for (auto& why : pointer_mistakes(plan, spec, all))
        say(spec, why);
  }
};

} // namespace

bool is_pipeline_name(std::string_view text) {
  return !text.empty() && text.size() <= 64
         && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '-' || c == '_';
            });
}

std::string_view service_of(work_kind kind) {
  switch (kind) {
  case work_kind::fetch:
  case work_kind::report:
    return "gateway";
  case work_kind::extract:
  case work_kind::merge:
    return "media";
  case work_kind::transcribe:
    return "asr";
  case work_kind::translate:
    return "translate";
  case work_kind::speak:
    return "tts";
  case work_kind::upload:
    return "store";
  default:
    return "";
  }
}

fan_out fan_out_of(work_kind kind) {
  switch (kind) {
  case work_kind::transcribe:
    return fan_out::chunks;
  case work_kind::translate:
  case work_kind::speak:
    return fan_out::segments;
  default:
    return fan_out::none;
  }
}

mistakes put_in_order(pipeline& plan) {
  mistakes out;
  for (auto& spec : plan.stages)
    for (auto& name : spec.after)
      if (plan.find(name) < 0)
        out.push_back(at(spec) + ".after names " + name
                      + ", and there is no such stage");
  if (!out.empty())
    return out;
  auto left = plan.stages;
  std::vector<stage_spec> sorted;
  auto is_placed = [&](const std::string& name) {
    return std::any_of(sorted.begin(), sorted.end(),
                       [&](auto& x) { return x.name == name; });
  };
  while (!left.empty()) {
    auto next = std::find_if(left.begin(), left.end(), [&](auto& x) {
      return std::all_of(x.after.begin(), x.after.end(), is_placed);
    });
    if (next == left.end()) {
      for (auto& spec : left)
        out.push_back(at(spec)
                      + ".after: it waits for itself, by way of what it names");
      return out;
    }
    sorted.push_back(std::move(*next));
    left.erase(next);
  }
  plan.stages = std::move(sorted);
  count_waves(plan);
  return out;
}

mistakes mistakes_in(const pipeline& plan, const service_policies& services) {
  checker check{plan, services};
  check.check_ends();
  for (auto& spec : plan.stages) {
    auto all = check.before(spec);
    check.check_place(spec, all);
    check.check_gate(spec);
    check.check_inputs(spec, all);
  }
  return std::move(check.out);
}

} // namespace dubber
