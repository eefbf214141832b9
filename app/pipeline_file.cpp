#include "app/pipeline_file.hpp"

#include "app/call_file.hpp"
#include "app/policy_file.hpp"
#include "clients/digest.hpp"
#include "core/pipeline_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dubber {

namespace {

using json = nlohmann::json;

/// Reads one definition and collects what is wrong.
class definition_reader {
public:
  pipeline_file out;

  void read(const json& file) {
    if (!file.is_object())
      return say("the definition must be an object");
    only(file, "", {"name", "description", "services", "policies", "stages"});
    out.plan.name = text(file, "", "name");
    if (!is_pipeline_name(out.plan.name))
      say("name must be 1 to 64 of a-z, 0-9, '-' and '_'");
    read_policies(file, "services", false);
    read_policies(file, "policies", true);
    auto stages = file.find("stages");
    if (stages == file.end() || !stages->is_array() || stages->empty()
        || stages->size() > max_stages)
      return say("stages must be a list of 1 to " + std::to_string(max_stages));
    for (auto& stage : *stages)
      read_stage(stage);
  }

private:
  void say(std::string what) {
    out.mistakes.push_back(std::move(what));
  }

  void only(const json& object, const std::string& place,
            std::initializer_list<std::string_view> known) {
    for (auto& [key, value] : object.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        say(place + key + " is not a known key");
  }

  /// Empty where it is not there.
  std::string text(const json& object, const std::string& place,
                   const char* key) {
    auto i = object.find(key);
    if (i == object.end())
      return {};
    if (!i->is_string() || i->get_ref<const std::string&>().empty()) {
      say(place + key + " must be a string that is not empty");
      return {};
    }
    return i->get<std::string>();
  }

  void read_policies(const json& file, const std::string& section,
                     bool policy_only) {
    auto all = file.find(section);
    if (all == file.end())
      return;
    if (!all->is_object())
      return say(section + " must be an object");
    auto shipped = default_policies();
    for (auto& [name, value] : all->items()) {
      auto place = section + "." + name;
      if (!is_pipeline_name(name))
        say(place + ": a name is 1 to 64 of a-z, 0-9, '-' and '_'");
      else if (shipped.count(name) > 0)
        say(place + " is there already: POLICY_FILE changes it");
      else if (out.services.count(name) > 0)
        say(place + " is defined twice");
      else
        read_policy(value, place, name, policy_only);
    }
  }

  void read_policy(const json& value, const std::string& place,
                   const std::string& name, bool policy_only) {
    auto& into = out.services[name];
    into.policy_only = policy_only;
    for (auto& mistake : read_service_policy(value, place, !policy_only, into))
      say(mistake);
    if (!policy_only && value.is_object() && into.urls.empty()
        && !value.contains("url") && !value.contains("urls"))
      say(place + ".url must be there");
  }

  void read_stage(const json& stage) {
    auto nth = "stages." + std::to_string(out.plan.stages.size());
    if (!stage.is_object())
      return say(nth + " must be an object");
    stage_spec spec;
    spec.name = text(stage, nth + ".", "name");
    if (!is_pipeline_name(spec.name)) {
      say(nth + ".name must be 1 to 64 of a-z, 0-9, '-' and '_'");
      spec.name = std::to_string(out.plan.stages.size());
    } else if (out.plan.find(spec.name) >= 0) {
      say(nth + ".name: there are two stages " + spec.name);
    }
    auto place = "stages." + spec.name + ".";
    auto named = text(stage, place, "kind");
    auto kind = work_kind_from(named);
    if (!kind)
      say(place
          + "kind must be fetch, extract, transcribe, translate, speak, "
            "merge, upload, report or http");
    spec.kind = kind.value_or(work_kind::fetch);
    read_after(stage, place, spec);
    read_fan_out(stage, place, spec);
    read_gate(stage, place, spec);
    if (kind)
      read_own(stage, place, spec);
    out.plan.stages.push_back(std::move(spec));
  }

  void read_after(const json& stage, const std::string& place,
                  stage_spec& spec) {
    auto after = stage.find("after");
    if (after == stage.end())
      return;
    if (!after->is_array())
      return say(place + "after must be a list of names of stages");
    for (auto& each : *after) {
      if (!each.is_string()) {
        say(place + "after must be a list of names of stages");
        continue;
      }
      auto name = each.get<std::string>();
      if (std::find(spec.after.begin(), spec.after.end(), name)
          != spec.after.end())
        say(place + "after names " + name + " twice");
      else
        spec.after.push_back(std::move(name));
    }
  }

  void read_fan_out(const json& stage, const std::string& place,
                    stage_spec& spec) {
    spec.each = fan_out_of(spec.kind);
    auto each = text(stage, place, "for_each");
    if (each.empty())
      return;
    if (each == "segments" && spec.kind == work_kind::http)
      spec.each = fan_out::segments;
    else if (each
             != (spec.each == fan_out::segments ? "segments"
                 : spec.each == fan_out::chunks ? "chunks"
                                                : "once"))
      say(place + "for_each: stages of kind "
          + std::string{to_string(spec.kind)} + " do not go by " + each);
  }

  void read_gate(const json& stage, const std::string& place,
                 stage_spec& spec) {
    auto service = text(stage, place, "service");
    spec.service = service_of(spec.kind);
    if (spec.kind == work_kind::http)
      spec.service = service;
    else if (!service.empty() && service != spec.service)
      say(place + "service is always " + spec.service + " for this kind");
    spec.policy = text(stage, place, "policy");
    if (spec.policy.empty())
      spec.policy = spec.service;
  }

  /// What stages of its kind have.
  void read_own(const json& stage, const std::string& place, stage_spec& spec) {
    auto speaks
      = spec.kind == work_kind::speak || spec.kind == work_kind::translate;
    for (auto& [key, value] : stage.items()) {
      auto own = speaks                          ? key == "text_of"
                 : spec.kind == work_kind::merge ? key == "background"
                 : spec.kind == work_kind::http
                   ? key == "request" || key == "answer" || key == "cache"
                   : false;
      if (!own && key != "name" && key != "kind" && key != "after"
          && key != "for_each" && key != "service" && key != "policy"
          && key != "description")
        say(place + key + " is not a known key of stages of kind "
            + std::string{to_string(spec.kind)});
    }
    if (speaks)
      spec.text_of = text(stage, place, "text_of");
    if (spec.kind == work_kind::merge)
      spec.background = text(stage, place, "background");
    if (spec.kind != work_kind::http)
      return;
    auto call = read_call(stage, place, out.mistakes);
    spec.http = std::make_shared<const http_call>(std::move(call));
  }
};

} // namespace

pipeline_file read_pipeline(std::string_view text) {
  definition_reader reader;
  auto too_deep = false;
  auto file = json::parse(
    text,
    [&](int depth, json::parse_event_t, json&) {
      too_deep |= depth > 64;
      return !too_deep;
    },
    false);
  if (text.size() > max_definition_bytes)
    reader.out.mistakes.emplace_back("it is longer than 256 KiB");
  else if (file.is_discarded() || too_deep)
    reader.out.mistakes.emplace_back("it is not valid JSON");
  else
    reader.read(file);
  auto& out = reader.out;
  if (out.mistakes.empty())
    out.mistakes = put_in_order(out.plan);
  if (!out.mistakes.empty())
    return std::move(out);
  // Keys in their order, no spaces: what only looks otherwise is the same.
  out.plan.definition = file.dump();
  out.plan.id = sha256_hex(out.plan.definition);
  return std::move(out);
}

} // namespace dubber
