#include "clients/plan_json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace dubber {

namespace {

using nlohmann::json;

/// Two placements may touch by this much: the rounding of printed numbers.
constexpr double touch = 1e-6;

json to_json(const placement& p) {
  return {{"segment", p.segment},
          {"audio",
           {{"key", p.audio.key},
            {"sha256", p.audio.sha256},
            {"bytes", p.audio.bytes}}},
          {"at", p.at},
          {"natural_seconds", p.natural_seconds},
          {"tempo", p.tempo},
          {"play_seconds", p.play_seconds},
          {"fade_out_seconds", p.fade_out_seconds}};
}

placement placement_of(const json& j) {
  placement p;
  p.segment = j.at("segment");
  auto& audio = j.at("audio");
  p.audio.key = audio.at("key");
  p.audio.sha256 = audio.at("sha256");
  p.audio.bytes = audio.at("bytes");
  p.at = j.at("at");
  p.natural_seconds = j.at("natural_seconds");
  p.tempo = j.at("tempo");
  p.play_seconds = j.at("play_seconds");
  p.fade_out_seconds = j.at("fade_out_seconds");
  return p;
}

merge_plan plan_of(const json& j) {
  merge_plan p;
  p.source_object_key = j.at("source_key");
  p.source_language = j.at("source_language");
  p.target_language = j.at("target_language");
  p.seconds = j.at("seconds");
  p.keep_original = j.at("keep_original");
  p.original_gain_db = j.at("original_gain_db");
  p.loudness_lkfs = j.at("loudness_lkfs");
  p.true_peak_db = j.at("true_peak_db");
  p.subtitles = j.at("subtitles");
  for (auto& each : j.at("placements"))
    p.placements.push_back(placement_of(each));
  return p;
}

/// What is wrong with a plan that could be read; empty: nothing.
std::string mistake(const merge_plan& p) {
  if (!(p.seconds >= 0))
    return "seconds is negative";
  double before = 0;
  for (std::size_t i = 0; i < p.placements.size(); ++i) {
    auto& x = p.placements[i];
    auto name = "placements[" + std::to_string(i) + "]";
    if (x.audio.key.empty())
      return name + " has no audio";
    if (!(x.tempo >= 1) || !(x.natural_seconds > 0) || !(x.play_seconds > 0)
        || !(x.fade_out_seconds >= 0))
      return name + " has a tempo or length out of range";
    if (!(x.at >= before - touch))
      return name + " starts before the one before it ends";
    before = x.at + x.play_seconds;
    if (before > p.seconds + touch)
      return name + " ends beyond the source";
  }
  return {};
}

fault unusable(const std::string& why) {
  return {
    fault_code::invalid_input, "the merge plan is unusable: " + why, 0, {}};
}

} // namespace

std::string write_plan(const merge_plan& plan) {
  auto placements = json::array();
  for (auto& p : plan.placements)
    placements.push_back(to_json(p));
  json j{{"format", plan.format},
         {"source_key", plan.source_object_key},
         {"source_language", plan.source_language},
         {"target_language", plan.target_language},
         {"seconds", plan.seconds},
         {"keep_original", plan.keep_original},
         {"original_gain_db", plan.original_gain_db},
         {"loudness_lkfs", plan.loudness_lkfs},
         {"true_peak_db", plan.true_peak_db},
         {"subtitles", plan.subtitles},
         {"placements", std::move(placements)}};
  return j.dump(1, ' ', false, json::error_handler_t::replace);
}

result<merge_plan> read_plan(std::string_view text) {
  try {
    auto j = json::parse(text);
    if (j.at("format") != merge_plan_format)
      return unusable("format is not " + std::to_string(merge_plan_format));
    auto plan = plan_of(j);
    if (auto wrong = mistake(plan); !wrong.empty())
      return unusable(wrong);
    return plan;
  } catch (const json::exception& e) {
    return unusable(e.what());
  }
}

} // namespace dubber
