#include "clients/dub_report.hpp"

#include <algorithm>
#include <cstdio>

namespace dubber {

namespace {

using nlohmann::json;

constexpr const char* head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dub report</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d2430; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #d5dae2; padding: .35rem .6rem; text-align: left; vertical-align: top }
th { font-weight: 600 } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.hurried td, .stretched td { background: #fff8e1 } .trimmed td, .left_out td, .kept_original td, .silent td { background: #fdecea }
@media (prefers-color-scheme: dark) { body { color: #dde3ec; background: #14181f } th, td { border-color: #343c49 } .hurried td, .stretched td { background: #3a3216 } .trimmed td, .left_out td, .kept_original td, .silent td { background: #43211e } }
</style></head><body>
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  return out;
}

/// A field as text, never as markup; empty when it is not there.
std::string field(const json& j, const char* key) {
  auto i = j.find(key);
  if (i == j.end() || i->is_null())
    return {};
  if (i->is_string())
    return escaped(i->get<std::string>());
  return escaped(i->dump(-1, ' ', false, json::error_handler_t::replace));
}

double number(const json& j, const char* key) {
  auto i = j.find(key);
  return i != j.end() && i->is_number() ? i->get<double>() : 0;
}

std::string clock_text(double seconds) {
  auto tenths = static_cast<long>(seconds * 10 + 0.5);
  char out[48];
  std::snprintf(out, sizeof out, "%ld:%02ld:%02ld.%ld", tenths / 36'000,
                tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
  return out;
}

std::string cell(const std::string& text, const char* kind = "") {
  return std::string{"<td"} + kind + ">" + text + "</td>";
}

std::string number_cell(const std::string& text) {
  return cell(text, " class=\"n\"");
}

/// What a list field holds; empty when it is none.
const json& list(const json& j, const char* key) {
  static const auto none = json::array();
  auto i = j.find(key);
  return i != j.end() && i->is_array() ? *i : none;
}

const json& object(const json& j, const char* key) {
  static const auto none = json::object();
  auto i = j.find(key);
  return i != j.end() && i->is_object() ? *i : none;
}

std::string summary(const json& report) {
  auto& sound = object(report, "sound");
  auto out = "<h1>Job " + field(report, "job_id") + ": "
             + field(report, "source_object_key") + "</h1>\n<p>"
             + field(report, "source_language_name") + " → "
             + field(report, "target_language_name") + ", "
             + clock_text(number(report, "seconds"))
             + ". Picture: " + field(object(report, "video"), "picture") + ".";
  if (!sound.value("loudness_lkfs", json{}).is_null())
    out += " Loudness " + field(sound, "loudness_lkfs") + " LKFS, true peak "
           + field(sound, "true_peak_db") + " dB.";
  out += "</p>\n";
  if (list(report, "notes").empty())
    return out;
  out += "<h2>Notes</h2>\n<ul>\n";
  for (auto& note : list(report, "notes"))
    if (note.is_string())
      out += "<li>" + escaped(note.get<std::string>()) + "</li>\n";
  return out + "</ul>\n";
}

std::string stages(const json& report) {
  if (list(report, "stages").empty())
    return {};
  std::string out = "<h2>Where the time went</h2>\n<table><tr><th>Stage</th>"
                    "<th class=\"n\">Seconds</th><th class=\"n\">Items</th>"
                    "<th>Failed attempts</th></tr>\n";
  for (auto& stage : list(report, "stages")) {
    std::string failed;
    for (auto& [code, n] : object(stage, "failed_attempts").items())
      failed += (failed.empty() ? "" : ", ") + escaped(code) + ": "
                + escaped(n.dump());
    out += "<tr>" + cell(field(stage, "stage"))
           + number_cell(field(stage, "seconds"))
           + number_cell(field(stage, "items")) + cell(failed) + "</tr>\n";
  }
  return out + "</table>\n";
}

std::string segments(const json& report) {
  std::string out
    = "<h2>Segments</h2>\n<table><tr><th class=\"n\">#</th>"
      "<th class=\"n\">Time</th><th>Source</th><th>Translation</th>"
      "<th class=\"n\">Rate</th><th class=\"n\">Tempo</th>"
      "<th>Outcome</th></tr>\n";
  for (auto& segment : list(report, "segments")) {
    auto outcome = field(segment, "outcome");
    auto detail = outcome;
    std::replace(detail.begin(), detail.end(), '_', ' ');
    if (auto& lost = object(segment, "degraded"); !lost.empty())
      detail += ": " + field(lost, "stage") + ", " + field(lost, "message");
    if (number(segment, "trimmed_by") > 0)
      detail += ", " + field(segment, "trimmed_by") + " s cut off";
    if (number(segment, "shifted_by") > 0)
      detail += ", " + field(segment, "shifted_by") + " s late";
    out += "<tr class=\"" + outcome + "\">" + number_cell(field(segment, "n"))
           + number_cell(clock_text(number(segment, "start")))
           + cell(field(segment, "text")) + cell(field(segment, "translation"))
           + number_cell(field(segment, "rate"))
           + number_cell(field(segment, "tempo")) + cell(detail) + "</tr>\n";
  }
  return out + "</table>\n";
}

} // namespace

std::string report_page(const json& report) {
  return head + summary(report) + stages(report) + segments(report)
         + "</body></html>\n";
}

} // namespace dubber
