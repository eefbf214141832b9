#include "http/json.hpp"

#include "http/json_events.hpp"

#include <cstdio>
#include <ctime>

namespace dubber {

using nlohmann::json;

json time_or_null(const std::optional<time_point>& t) {
  return t ? json(iso_time(*t)) : json();
}

namespace {

json to_json(const std::optional<waiting_view>& w) {
  if (!w || w->kind.empty())
    return {};
  json j{{"kind", w->kind},
         {"service", w->service},
         {"until", time_or_null(w->until)}};
  if (!w->limit.empty())
    j["limit"] = w->limit;
  return j;
}

json to_json(const stage_view& s) {
  return {{"name", s.name},
          {"kind", s.kind},
          {"state", s.state},
          {"attempt", s.attempt},
          {"started_at", time_or_null(s.started_at)},
          {"ended_at", time_or_null(s.ended_at)},
          {"waiting_for", to_json(s.waiting_for)},
          {"items",
           {{"total", s.items_total},
            {"done", s.items_done},
            {"failed", s.items_failed},
            {"cached", s.items_cached}}}};
}

json error_json(const std::optional<error_view>& e) {
  if (!e)
    return {};
  auto j = fault_json(e->why);
  j["stage"] = e->stage;
  j["segment"] = e->segment ? json(*e->segment) : json();
  return j;
}

json cursor_json(const std::optional<std::uint64_t>& next) {
  return next ? json(*next) : json();
}

json key_or_null(const std::string& key) {
  return key.empty() ? json() : json(key);
}

/// Where the artifacts are fetched.
json links_of(const job_view& job,
              const std::map<std::string, std::string>& artifacts,
              const std::string& query) {
  auto out = json::object();
  for (auto& [name, key] : artifacts)
    out[name] = "/jobs/" + std::to_string(job.row.job_id) + "/artifacts/" + name
                + query;
  return out;
}

/// A language tag: '+' alone has another use in queries.
std::string in_query(const std::string& language) {
  std::string out;
  for (auto c : language)
    out += c == '+' ? std::string{"%2B"} : std::string{c};
  return out;
}

json to_json(const job_view& job, const result_view& x) {
  auto first = &x == &job.results.front();
  auto query = first ? std::string{} : "?language=" + in_query(x.language);
  return {{"language", x.language},
          {"state", x.state},
          {"error", error_json(x.error)},
          {"output_object_key", key_or_null(x.output_object_key)},
          {"degraded_count", x.degraded_count},
          {"artifacts", links_of(job, x.artifacts, query)}};
}

} // namespace

std::string iso_time(time_point t) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  auto rest = static_cast<int>((t - seconds).count());
  std::time_t c = seconds.time_since_epoch().count();
  std::tm tm{};
  gmtime_r(&c, &tm);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
  char out[48];
  std::snprintf(out, sizeof out, "%s.%03dZ", date, rest);
  return out;
}

std::string text_of(const json& j) {
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

json to_json(const job_row& row) {
  return {{"id", row.job_id},
          {"run", row.run},
          {"state", std::string{to_string(row.status)}},
          {"pipeline", row.pipeline},
          {"source_object_key", row.source_object_key},
          {"target_language", row.target_language},
          {"created_at", iso_time(row.created_at)},
          {"updated_at", iso_time(row.updated_at)}};
}

json to_json(const job_view& job) {
  auto j = to_json(job.row);
  j["source_language"] = job.source_language;
  j["progress"] = job.progress;
  j["eta_seconds"] = job.eta_p50_seconds ? json{{"p50", *job.eta_p50_seconds},
                                                {"p90", *job.eta_p90_seconds}}
                                         : json();
  j["stages"] = json::array();
  for (auto& s : job.stages)
    j["stages"].push_back(to_json(s));
  j["waiting_for"] = to_json(job.waiting_for);
  j["error"] = error_json(job.error);
  j["degraded_count"] = job.degraded_count;
  j["degraded"] = json::array();
  for (auto& x : job.degraded) {
    auto one = degraded_json(x.what);
    one["segment"] = x.segment;
    one["language"] = x.language;
    j["degraded"].push_back(std::move(one));
  }
  j["output_object_key"] = key_or_null(job.output_object_key);
  auto self = "/jobs/" + std::to_string(job.row.job_id);
  j["links"] = {{"self", self},
                {"segments", self + "/segments"},
                {"history", self + "/history"}};
  if (job.artifacts.count("report"))
    j["links"]["report"] = self + "/report";
  j["artifacts"] = links_of(job, job.artifacts, {});
  j["results"] = json::array();
  for (auto& x : job.results)
    j["results"].push_back(to_json(job, x));
  return j;
}

json to_json(const segment_view& s) {
  json j{
    {"n", s.n}, {"start", s.span.start}, {"end", s.span.end}, {"text", s.text}};
  j["translation"] = text_or_null(s.translation);
  j["speech"] = s.speech ? json{{"seconds", s.speech->seconds},
                                {"rate", s.speech->rate},
                                {"artifact", s.speech->audio.key}}
                         : json();
  j["degraded"] = s.degraded ? degraded_json(*s.degraded) : json();
  j["waiting_for"] = to_json(s.waiting_for);
  return j;
}

json to_json(const segments_page& page) {
  auto items = json::array();
  for (auto& s : page.items)
    items.push_back(to_json(s));
  return {{"items", std::move(items)}, {"next", cursor_json(page.next)}};
}

json to_json(const history_page& page) {
  auto items = json::array();
  for (auto& x : page.items) {
    json j{{"id", x.position},
           {"job", page.job_id},
           {"run", x.what.run},
           {"seq", x.what.seq},
           {"type", std::string{type_name(x.what.body)}},
           {"at", iso_time(x.what.at)}};
    add_details(j, x.what.body);
    items.push_back(std::move(j));
  }
  return {{"items", std::move(items)}, {"next", cursor_json(page.next)}};
}

json to_json(const jobs_page& page) {
  auto items = json::array();
  for (auto& row : page.items)
    items.push_back(to_json(row));
  return {{"items", std::move(items)}, {"next", cursor_json(page.next)}};
}

json gateway_job(const job_view& job) {
  auto j = json::parse(job.gateway_json, nullptr, false);
  if (j.is_object())
    return j;
  return {{"id", job.row.job_id}, {"status", "QUEUED"}};
}

} // namespace dubber
