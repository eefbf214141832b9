#include "journal/codec_readers.hpp"

#include "journal/codec_results.hpp"

#include <stdexcept>

namespace dubber {

using nlohmann::json;

namespace {

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

ev::item_completed item_from(const json& j) {
  return {j.at("stage"), j.at("item"), j.at("attempt"),
          result_from_json(j.at("result"))};
}

} // namespace

const std::map<std::string, event_reader, std::less<>>& event_readers() {
  static const std::map<std::string, event_reader, std::less<>> all{
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
    {"languages.chosen",
     [](const json& j) {
       return ev::languages_chosen{
         j.at("languages").get<std::vector<std::string>>()};
     }},
    {"job.rejected",
     [](const json& j) {
       return ev::job_rejected{j.at("reason")};
     }},
    {"run.started",
     [](const json& j) {
       using items = std::vector<std::uint32_t>;
       return ev::run_started{
         j.at("by"),
         j.at("reason"),
         j.value("from", std::string{}),
         j.value("redo", false),
         j.value("edit", false),
         j.value("lost", items{}),
         j.value("lost_in", std::map<std::string, items>{})};
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
    {"language.stopped",
     [](const json& j) {
       return ev::language_stopped{j.at("language"), j.at("stage"),
                                   j.at("item"), fault_from_json(j.at("why")),
                                   j.at("fails")};
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
                                 j.at("reason"),
                                 j.value("language", std::string{})};
     }},
  };
  return all;
}

} // namespace dubber
