#include "journal/codec.hpp"

#include "core/overload.hpp"
#include "journal/codec_quick.hpp"
#include "journal/codec_readers.hpp"
#include "journal/codec_results.hpp"
#include "journal/json_text.hpp"

#include <exception>

namespace dubber {

using nlohmann::json;

namespace {

json by_and_reason(const std::string& by, const std::string& reason) {
  return {{"by", by}, {"reason", reason}};
}

struct writer {
  json operator()(const ev::job_accepted& x) const {
    return {{"job_id", x.job_id},
            {"pipeline", x.pipeline},
            {"priority", x.priority},
            {"by", x.by},
            {"traceparent", x.traceparent}};
  }
  json operator()(const ev::pipeline_chosen& x) const {
    return {{"name", x.name}, {"id", x.id}};
  }
  json operator()(const ev::languages_chosen& x) const {
    return {{"languages", x.languages}};
  }
  json operator()(const ev::job_rejected& x) const {
    return {{"reason", x.reason}};
  }
  json operator()(const ev::run_started& x) const {
    auto j = by_and_reason(x.by, x.reason);
    j["from"] = x.from;
    j["redo"] = x.redo;
    if (x.edit)
      j["edit"] = true;
    if (!x.lost.empty())
      j["lost"] = x.lost;
    if (!x.lost_in.empty())
      j["lost_in"] = x.lost_in;
    return j;
  }
  json operator()(const ev::job_completed&) const {
    return json::object();
  }
  json operator()(const ev::job_failed& x) const {
    return {
      {"why", fault_to_json(x.why)}, {"stage", x.stage}, {"item", x.item}};
  }
  json operator()(const ev::job_parked& x) const {
    return {{"why", fault_to_json(x.why)},
            {"stage", x.stage},
            {"item", x.item},
            {"until_ms", x.until.time_since_epoch().count()}};
  }
  json operator()(const ev::job_paused& x) const {
    return by_and_reason(x.by, x.reason);
  }
  json operator()(const ev::job_resumed& x) const {
    return by_and_reason(x.by, x.reason);
  }
  json operator()(const ev::job_cancelled& x) const {
    return by_and_reason(x.by, x.reason);
  }
  json operator()(const ev::language_stopped& x) const {
    return {{"language", x.language},
            {"stage", x.stage},
            {"item", x.item},
            {"why", fault_to_json(x.why)},
            {"fails", x.fails}};
  }
  json operator()(const ev::stage_failed& x) const {
    return {
      {"stage", x.stage}, {"item", x.item}, {"why", fault_to_json(x.why)}};
  }
  json operator()(const ev::artifact_lost& x) const {
    return {{"key", x.key}, {"stage", x.stage}, {"item", x.item}};
  }
  json operator()(const ev::attempt_failed& x) const {
    return {{"stage", x.stage},
            {"item", x.item},
            {"attempt", x.attempt},
            {"why", fault_to_json(x.why)},
            {"pause_ms", x.pause.count()}};
  }
  json operator()(const ev::report_owed& x) const {
    return {{"status", x.report.status},
            {"output_object_key", x.report.output_object_key},
            {"activity", x.report.activity}};
  }
  json operator()(const ev::report_delivered& x) const {
    return {{"outcome", x.outcome}};
  }
  json operator()(const ev::item_degraded& x) const {
    return {{"stage", x.stage},
            {"item", x.item},
            {"attempt", x.attempt},
            {"how", std::string{to_string(x.how)}},
            {"why", fault_to_json(x.why)}};
  }
  json operator()(const ev::chunk_halved& x) const {
    return {{"stage", x.stage},
            {"item", x.item},
            {"at", x.at},
            {"why", fault_to_json(x.why)}};
  }
  json operator()(const ev::segment_edited& x) const {
    auto j = by_and_reason(x.by, x.reason);
    j["item"] = x.item;
    j["from"] = x.from;
    if (x.text)
      j["text"] = *x.text;
    if (x.translation)
      j["translation"] = *x.translation;
    if (!x.language.empty())
      j["language"] = x.language;
    return j;
  }
};

fault damaged(std::string_view type, std::string_view what) {
  return {fault_code::disk,
          "the journal's record of type " + std::string{type} + " "
            + std::string{what},
          0,
          {}};
}

} // namespace

std::string encode(const event_body& body) {
  return std::visit(
    overload{
      [](const ev::stage_started& x) {
        return members().add("items", x.items).add("stage", x.stage).text();
      },
      [](const ev::item_completed& x) {
        return members()
          .add("attempt", x.attempt)
          .add("item", x.item)
          .add_json("result", result_to_text(x.result))
          .add("stage", x.stage)
          .text();
      },
      [](const ev::stage_completed& x) {
        return members()
          .add("attempt", x.attempt)
          .add_json("result", result_to_text(x.result))
          .add("stage", x.stage)
          .text();
      },
      [](const auto& x) { return text_of(writer{}(x)); },
    },
    body);
}

result<event_body> decode(std::string_view type, int version,
                          std::string_view payload) {
  if (version != payload_version)
    return damaged(type, "has version " + std::to_string(version)
                           + ", which this program does not know");
  if (auto quick = decode_quickly(type, payload))
    return std::move(*quick);
  return decode_any(type, payload);
}

result<event_body> decode_any(std::string_view type, std::string_view payload) {
  auto i = event_readers().find(type);
  if (i == event_readers().end())
    return damaged(type, "is not known to this program");
  try {
    return i->second(json::parse(payload));
  } catch (const std::exception& e) {
    return damaged(type, std::string{"is damaged: "} + e.what());
  }
}

} // namespace dubber
