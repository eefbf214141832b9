#include "http/json_events.hpp"

#include "core/overload.hpp"

namespace dubber {

using nlohmann::json;

json fault_json(const fault& why) {
  json j{{"code", std::string{to_string(why.code)}},
         {"message", why.message},
         {"retryable", is_retryable(why.code)}};
  if (why.http_status)
    j["http_status"] = why.http_status;
  return j;
}

json degraded_json(const degradation& x) {
  return {{"stage", x.stage},
          {"how", std::string{to_string(x.how)}},
          {"error", fault_json(x.why)}};
}

json text_or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json();
}

void add_details(json& j, const event_body& body) {
  std::visit(
    overload{
      [&](const ev::stage_started& x) {
        j["stage"] = x.stage;
        j["items"] = x.items;
      },
      [&](const ev::item_completed& x) {
        j["stage"] = x.stage;
        j["segment"] = x.item;
        j["attempt"] = x.attempt;
      },
      [&](const ev::stage_completed& x) {
        j["stage"] = x.stage;
        j["attempt"] = x.attempt;
      },
      [&](const ev::language_stopped& x) {
        j["language"] = x.language;
        j["stage"] = x.stage;
        j["segment"] = x.item;
        j["error"] = fault_json(x.why);
      },
      [&](const ev::stage_failed& x) {
        j["stage"] = x.stage;
        j["segment"] = x.item;
        j["error"] = fault_json(x.why);
      },
      [&](const ev::artifact_lost& x) {
        j["stage"] = x.stage;
        j["segment"] = x.item;
        j["key"] = x.key;
      },
      [&](const ev::attempt_failed& x) {
        j["stage"] = x.stage;
        j["segment"] = x.item;
        j["attempt"] = x.attempt;
        j["error"] = fault_json(x.why);
        j["pause_seconds"] = static_cast<double>(x.pause.count()) / 1000;
      },
      [&](const ev::item_degraded& x) {
        j.update(degraded_json({x.stage, x.how, x.why}));
        j["segment"] = x.item;
        j["attempt"] = x.attempt;
      },
      [&](const ev::chunk_halved& x) {
        j["stage"] = x.stage;
        j["segment"] = x.item;
        j["at_seconds"] = x.at;
        j["error"] = fault_json(x.why);
      },
      [&](const ev::segment_edited& x) {
        j["segment"] = x.item;
        j["text"] = text_or_null(x.text);
        j["translation"] = text_or_null(x.translation);
        if (!x.language.empty())
          j["language"] = x.language;
        j["by"] = x.by;
        j["reason"] = x.reason;
      },
      [&](const ev::job_accepted& x) { j["by"] = x.by; },
      [&](const ev::languages_chosen& x) { j["languages"] = x.languages; },
      [&](const ev::pipeline_chosen& x) { j["pipeline"] = x.name; },
      [&](const ev::job_rejected& x) { j["reason"] = x.reason; },
      [&](const ev::job_failed& x) {
        j["stage"] = x.stage;
        j["error"] = fault_json(x.why);
      },
      [&](const ev::job_parked& x) {
        j["stage"] = x.stage;
        j["error"] = fault_json(x.why);
      },
      [&](const ev::job_completed&) {},
      [&](const ev::report_owed& x) { j["status"] = x.report.status; },
      [&](const ev::report_delivered& x) { j["outcome"] = x.outcome; },
      [&](const auto& x) {
        j["by"] = x.by;
        j["reason"] = x.reason;
      },
    },
    body);
}

} // namespace dubber
