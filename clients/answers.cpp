#include "clients/answers.hpp"

#include "core/languages.hpp"
#include "core/transcript.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>

namespace dubber {

using nlohmann::json;

namespace {

fault bad(const std::string& what) {
  return {fault_code::bad_answer, what, 0, {}};
}

double number(const json& j, const char* key) {
  auto i = j.find(key);
  return i != j.end() && i->is_number()
           ? i->get<double>()
           : std::numeric_limits<double>::quiet_NaN();
}

std::string text(const json& j, const char* key) {
  auto i = j.find(key);
  return i != j.end() && i->is_string() ? i->get<std::string>() : std::string{};
}

/// What an error's body says, for people: FastAPI's detail, the gateway's
/// error.
std::string said(const std::string& body) {
  auto j = read_json(body);
  if (!j || !j->is_object())
    return body.substr(0, 200);
  for (auto key : {"error", "detail", "message"})
    if (auto i = j->find(key); i != j->end())
      return (i->is_string() ? i->get<std::string>() : i->dump())
        .substr(0, 300);
  return {};
}

fault_code code_of(int status, const std::string& message) {
  switch (status) {
  case 404:
    return fault_code::not_found;
  case 408:
  case 409:
  case 425:
  case 429:
  case 503:
    return fault_code::busy;
  default:
    break;
  }
  if (status >= 500)
    return fault_code::server_error;
  if (status == 422 && message.find("nsupported") != std::string::npos)
    return fault_code::unsupported;
  return fault_code::refused;
}

} // namespace

std::optional<json> read_json(std::string_view body) {
  auto text = to_valid_utf8(body);
  auto too_deep = false;
  auto j = json::parse(
    text,
    [&](int depth, json::parse_event_t, json&) {
      too_deep |= depth > max_json_depth;
      return !too_deep;
    },
    false);
  if (j.is_discarded() || too_deep)
    return std::nullopt;
  return j;
}

std::optional<ms> parse_retry_after(std::string_view value, time_point now) {
  if (value.empty())
    return std::nullopt;
  long seconds = 0;
  auto [end, ec]
    = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (ec == std::errc{} && end == value.data() + value.size())
    return ms{std::max(0L, std::min(seconds, 86'400L)) * 1000};
  std::tm tm{};
  auto copy = std::string{value};
  auto rest = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &tm);
  if (!rest || *rest != 0)
    return std::nullopt;
  auto at = time_point{std::chrono::seconds{timegm(&tm)}};
  return std::max(ms{0}, at - now);
}

fault status_fault(std::string_view who, const http_response& answer) {
  auto message = said(answer.body);
  fault out;
  out.http_status = answer.status;
  out.code = code_of(answer.status, message);
  out.message = std::string{who} + " answered " + std::to_string(answer.status)
                + (message.empty() ? "" : ": " + message);
  out.retry_after = parse_retry_after(
    answer.header("Retry-After"),
    std::chrono::time_point_cast<ms>(std::chrono::system_clock::now()));
  return out;
}

result<transcript> parse_transcript(std::string_view body, double offset) {
  auto j = read_json(body);
  if (!j || !j->is_object() || !j->contains("segments")
      || !(*j)["segments"].is_array())
    return bad("the ASR service's answer is not {\"segments\": [...]}");
  transcript out;
  for (auto& s : (*j)["segments"]) {
    if (!s.is_object())
      return bad("the ASR service's answer holds a segment that is no object");
    out.segments.push_back(
      {{number(s, "start") + offset, number(s, "end") + offset},
       text(s, "text")});
  }
  return out;
}

result<translated> parse_translation(std::string_view body) {
  auto j = read_json(body);
  if (!j || !j->is_object() || text(*j, "translated_text").empty())
    return bad("the translation service's answer holds no translated_text");
  return translated{text(*j, "translated_text")};
}

result<std::string> parse_any_json(std::string_view body) {
  auto j = read_json(body);
  if (!j)
    return fault{fault_code::bad_answer, "the answer is not JSON", 0, {}};
  return j->dump(-1, ' ', false, json::error_handler_t::replace);
}

result<std::string> parse_audio_name(std::string_view body) {
  auto j = read_json(body);
  auto path = j && j->is_object() ? text(*j, "audio_path") : std::string{};
  auto name = path.substr(path.find_last_of('/') + 1);
  if (name.empty() || name == "." || name == "..")
    return bad("the TTS service's answer holds no audio_path");
  return name;
}

result<fetched> parse_job(std::string_view body) {
  auto j = read_json(body);
  if (!j || !j->is_object())
    return bad("the gateway's answer is not a job object");
  fetched out;
  out.source_object_key = text(*j, "sourceObjectKey");
  out.target_language = text(*j, "targetLanguage");
  out.gateway_json = j->dump();
  if (out.source_object_key.empty())
    return fault{
      fault_code::invalid_input, "the job has no source video", 0, {}};
  if (!is_language_tag(out.target_language))
    return fault{fault_code::invalid_input,
                 "the job's targetLanguage is no language tag",
                 0,
                 {}};
  auto options = parse_options(text(*j, "optionsJson"), out.target_language);
  if (!options)
    return options.error();
  out.options = unless_usual(std::move(*options));
  return out;
}

result<gateway_state> parse_gateway_state(std::string_view body) {
  auto j = read_json(body);
  if (!j || !j->is_object())
    return bad("the gateway's answer is not a job object");
  gateway_state out;
  out.source_object_key = text(*j, "sourceObjectKey");
  out.status = text(*j, "status");
  out.output_object_key = text(*j, "outputObjectKey");
  auto progress = number(*j, "progress");
  out.progress = std::isfinite(progress) ? static_cast<int>(progress) : 0;
  return out;
}

std::string to_json(const gateway_update& update) {
  json j = json::object();
  if (!update.status.empty())
    j["status"] = update.status;
  if (update.progress)
    j["progress"] = *update.progress;
  if (update.output_object_key)
    j["outputObjectKey"] = *update.output_object_key;
  if (update.estimated_time_remaining)
    j["estimatedTimeRemaining"] = *update.estimated_time_remaining;
  if (update.activity)
    j["activity"] = *update.activity;
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace dubber
