#include "journal/codec.hpp"

#include "core/overload.hpp"
#include "journal/codec_results.hpp"

#include <functional>
#include <map>
#include <stdexcept>

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
  json operator()(const ev::stage_started& x) const {
    return {{"stage", x.stage}, {"items", x.items}};
  }
  json operator()(const ev::item_completed& x) const {
    return {{"stage", x.stage},
            {"item", x.item},
            {"attempt", x.attempt},
            {"result", result_to_json(x.result)}};
  }
  json operator()(const ev::stage_completed& x) const {
    return {{"stage", x.stage},
            {"attempt", x.attempt},
            {"result", result_to_json(x.result)}};
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
    return j;
  }
};

stand_in stand_in_of(const json& j) {
  const std::string name = j.at("how");
  if (auto how = stand_in_from(name))
    return *how;
  throw std::invalid_argument("unknown stand-in: " + name);
}

std::optional<std::string> text_if_there(const json& j, const char* name) {
  return j.contains(name) ? std::optional{j.at(name).get<std::string>()}
                          : std::nullopt;
}

using reader = std::function<event_body(const json&)>;

ev::item_completed item_from(const json& j) {
  return {j.at("stage"), j.at("item"), j.at("attempt"),
          result_from_json(j.at("result"))};
}

const std::map<std::string, reader, std::less<>>& readers() {
  static const std::map<std::string, reader, std::less<>> all{
    {"job.accepted",
     [](const json& j) {
       return ev::job_accepted{j.at("job_id"), j.at("pipeline"),
                               j.at("priority"), j.at("by"),
                               j.at("traceparent")};
     }},
    {"pipeline.chosen",
     [](const json& j) {
       return ev::pipeline_chosen{j.at("name"), j.at("id")};
     }},
    {"job.rejected",
     [](const json& j) {
       return ev::job_rejected{j.at("reason")};
     }},
    {"run.started",
     [](const json& j) {
       return ev::run_started{j.at("by"),
                              j.at("reason"),
                              j.value("from", std::string{}),
                              j.value("redo", false),
                              j.value("edit", false),
                              j.value("lost", std::vector<std::uint32_t>{})};
     }},
    {"job.completed",
     [](const json&) {
       return ev::job_completed{};
     }},
    {"job.failed",
     [](const json& j) {
       return ev::job_failed{fault_from_json(j.at("why")), j.at("stage"),
                             j.at("item")};
     }},
    {"job.parked",
     [](const json& j) {
       return ev::job_parked{fault_from_json(j.at("why")), j.at("stage"),
                             j.at("item"),
                             time_point{ms{j.at("until_ms").get<ms::rep>()}}};
     }},
    {"job.paused",
     [](const json& j) {
       return ev::job_paused{j.at("by"), j.at("reason")};
     }},
    {"job.resumed",
     [](const json& j) {
       return ev::job_resumed{j.at("by"), j.at("reason")};
     }},
    {"job.cancelled",
     [](const json& j) {
       return ev::job_cancelled{j.at("by"), j.at("reason")};
     }},
    {"stage.started",
     [](const json& j) {
       return ev::stage_started{j.at("stage"), j.at("items")};
     }},
    {"chunk.transcribed", item_from},
    {"segment.translated", item_from},
    {"segment.spoken", item_from},
    {"item.completed", item_from},
    {"stage.completed",
     [](const json& j) {
       return ev::stage_completed{j.at("stage"), j.at("attempt"),
                                  result_from_json(j.at("result"))};
     }},
    {"stage.failed",
     [](const json& j) {
       return ev::stage_failed{j.at("stage"), j.at("item"),
                               fault_from_json(j.at("why"))};
     }},
    {"artifact.lost",
     [](const json& j) {
       return ev::artifact_lost{j.at("key"), j.at("stage"), j.at("item")};
     }},
    {"attempt.failed",
     [](const json& j) {
       return ev::attempt_failed{j.at("stage"), j.at("item"), j.at("attempt"),
                                 fault_from_json(j.at("why")),
                                 ms{j.at("pause_ms").get<ms::rep>()}};
     }},
    {"report.owed",
     [](const json& j) {
       return ev::report_owed{
         {j.at("status"), j.at("output_object_key"), j.at("activity")}};
     }},
    {"report.delivered",
     [](const json& j) {
       return ev::report_delivered{j.at("outcome")};
     }},
    {"segment.degraded",
     [](const json& j) {
       return ev::item_degraded{j.at("stage"), j.at("item"), j.at("attempt"),
                                stand_in_of(j), fault_from_json(j.at("why"))};
     }},
    {"chunk.halved",
     [](const json& j) {
       return ev::chunk_halved{j.at("stage"), j.at("item"), j.at("at"),
                               fault_from_json(j.at("why"))};
     }},
    {"segment.edited",
     [](const json& j) {
       return ev::segment_edited{j.at("item"),
                                 text_if_there(j, "text"),
                                 text_if_there(j, "translation"),
                                 j.at("from"),
                                 j.at("by"),
                                 j.at("reason")};
     }},
  };
  return all;
}

fault damaged(std::string_view type, std::string_view what) {
  return {fault_code::disk,
          "the journal's record of type " + std::string{type} + " "
            + std::string{what},
          0,
          {}};
}

} // namespace

std::string encode(const event_body& body) {
  return std::visit(writer{}, body)
    .dump(-1, ' ', false, json::error_handler_t::replace);
}

result<event_body> decode(std::string_view type, int version,
                          std::string_view payload) {
  if (version != payload_version)
    return damaged(type, "has version " + std::to_string(version)
                           + ", which this program does not know");
  auto i = readers().find(type);
  if (i == readers().end())
    return damaged(type, "is not known to this program");
  try {
    return i->second(json::parse(payload));
  } catch (const std::exception& e) {
    return damaged(type, std::string{"is damaged: "} + e.what());
  }
}

} // namespace dubber
