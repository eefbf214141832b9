#include "clients/plan_json.hpp"

#include "core/transcript.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

namespace {

using nlohmann::json;

/// Two placements may touch by this much: the rounding of printed numbers.
constexpr double touch = 1e-6;

json to_json(const artifact& a) {
  return {{"key", a.key}, {"sha256", a.sha256}, {"bytes", a.bytes}};
}

artifact artifact_of(const json& j) {
  return {j.at("key"), j.at("sha256"), j.at("bytes")};
}

json to_json(const std::vector<media_span>& spans) {
  auto out = json::array();
  for (auto& each : spans)
    out.push_back({each.start, each.end});
  return out;
}

std::vector<media_span> spans_of(const json& j) {
  std::vector<media_span> out;
  for (auto& each : j)
    out.push_back({each.at(0), each.at(1)});
  return out;
}

json to_json(const original_bed& bed) {
  return {{"gain_db", bed.gain_db},
          {"ducked_gain_db", bed.ducked_gain_db},
          {"ramp_seconds", bed.ramp_seconds},
          {"ducks", to_json(bed.ducks)}};
}

original_bed bed_of(const json& j) {
  original_bed bed;
  bed.gain_db = j.at("gain_db");
  bed.ducked_gain_db = j.at("ducked_gain_db");
  bed.ramp_seconds = j.at("ramp_seconds");
  bed.ducks = spans_of(j.at("ducks"));
  return bed;
}

json to_json(const placement& p) {
  return {{"segment", p.segment},
          {"audio", to_json(p.audio)},
          {"at", p.at},
          {"natural_seconds", p.natural_seconds},
          {"tempo", p.tempo},
          {"play_seconds", p.play_seconds},
          {"fade_out_seconds", p.fade_out_seconds}};
}

placement placement_of(const json& j) {
  placement p;
  p.segment = j.at("segment");
  p.audio = artifact_of(j.at("audio"));
  p.at = j.at("at");
  p.natural_seconds = j.at("natural_seconds");
  p.tempo = j.at("tempo");
  p.play_seconds = j.at("play_seconds");
  p.fade_out_seconds = j.at("fade_out_seconds");
  return p;
}

merge_plan plan_of(const json& j) {
  merge_plan p;
  p.format = j.at("format");
  p.source_object_key = j.at("source_key");
  p.source_language = j.at("source_language");
  p.target_language = j.at("target_language");
  p.seconds = j.at("seconds");
  if (auto i = j.find("original"); i != j.end() && !i->is_null())
    p.original = bed_of(*i);
  p.loudness_lkfs = j.at("loudness_lkfs");
  p.true_peak_db = j.at("true_peak_db");
  if (auto i = j.find("subtitles"); i != j.end() && !i->is_null())
    p.subtitles = artifact_of(*i);
  for (auto& each : j.at("placements"))
    p.placements.push_back(placement_of(each));
  if (p.format < 2)
    return p;
  p.kept = spans_of(j.at("kept"));
  p.muted = spans_of(j.at("muted"));
  p.edge_seconds = j.at("edge_seconds");
  if (auto i = j.find("background");
      p.format >= 3 && i != j.end() && !i->is_null())
    p.background = artifact_of(*i);
  return p;
}

bool follow_each_other(const std::vector<media_span>& spans) {
  double before = -1;
  for (auto& each : spans) {
    if (!(each.start > before) || !(each.end > each.start))
      return false;
    before = each.end;
  }
  return true;
}

/// Of the original: low in spans that follow each other, at sane levels.
std::string mistake(const original_bed& bed) {
  auto level = [](double db) {
    return db >= -100 && db <= 20;
  };
  if (!level(bed.gain_db) || !level(bed.ducked_gain_db))
    return "original has a gain out of range";
  if (!(bed.ramp_seconds >= 0 && bed.ramp_seconds <= 10))
    return "original has a ramp out of range";
  if (!follow_each_other(bed.ducks))
    return "original has ducks that do not follow each other";
  return {};
}

std::string mistake_in_stretches(const merge_plan& p) {
  for (auto* spans : {&p.kept, &p.muted}) {
    auto name = std::string{spans == &p.kept ? "kept" : "muted"};
    if (spans->size() > max_segments || !follow_each_other(*spans))
      return name + " has stretches that do not follow each other";
    if (!spans->empty()
        && (spans->front().start < 0 || spans->back().end > p.seconds + touch))
      return name + " goes beyond the source";
  }
  if (!(p.edge_seconds >= 0 && p.edge_seconds <= 1))
    return "edge_seconds is out of range";
  return {};
}

/// What is wrong with a plan that could be read; empty: nothing.
std::string mistake(const merge_plan& p) {
  if (!(p.seconds >= 0) || p.seconds > max_media_seconds)
    return "seconds is negative or beyond 12 hours";
  if (!(p.loudness_lkfs >= -70 && p.loudness_lkfs <= 0)
      || !(p.true_peak_db >= -20 && p.true_peak_db <= 0))
    return "loudness or true peak is out of range";
  if (p.placements.size() > max_segments)
    return "more placements than " + std::to_string(max_segments);
  if (p.original)
    if (auto wrong = mistake(*p.original); !wrong.empty())
      return wrong;
  if (p.background && (p.original || p.background->key.empty()))
    return "background has no key, or comes with an original";
  if (auto wrong = mistake_in_stretches(p); !wrong.empty())
    return wrong;
  double before = 0;
  for (std::size_t i = 0; i < p.placements.size(); ++i) {
    auto& x = p.placements[i];
    auto name = "placements[" + std::to_string(i) + "]";
    if (x.audio.key.empty())
      return name + " has no audio";
    if (!(x.tempo >= 1 && x.tempo <= 2) || !(x.natural_seconds > 0)
        || !(x.play_seconds > 0) || !(x.fade_out_seconds >= 0))
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
         {"loudness_lkfs", plan.loudness_lkfs},
         {"true_peak_db", plan.true_peak_db},
         {"placements", std::move(placements)}};
  if (plan.original)
    j["original"] = to_json(*plan.original);
  if (plan.format >= 2) {
    j["kept"] = to_json(plan.kept);
    j["muted"] = to_json(plan.muted);
    j["edge_seconds"] = plan.edge_seconds;
  }
  if (plan.background)
    j["background"] = to_json(*plan.background);
  if (plan.subtitles)
    j["subtitles"] = to_json(*plan.subtitles);
  return j.dump(1, ' ', false, json::error_handler_t::replace);
}

result<merge_plan> read_plan(std::string_view text) {
  try {
    auto j = json::parse(text);
    auto& format = j.at("format");
    if (!format.is_number_integer() || format < 1 || format > merge_plan_format)
      return unusable("its format is not known to this program");
    auto plan = plan_of(j);
    if (auto wrong = mistake(plan); !wrong.empty())
      return unusable(wrong);
    return plan;
  } catch (const json::exception& e) {
    return unusable(e.what());
  }
}

} // namespace dubber
