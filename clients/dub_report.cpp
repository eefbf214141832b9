#include "clients/dub_report.hpp"

#include "core/language.hpp"

#include <cmath>

namespace dubber {

namespace {

using nlohmann::json;

constexpr int report_format = 1;

/// Whole milliseconds: more digits say nothing.
json rounded(double value) {
  return std::isfinite(value) ? json(std::round(value * 1000) / 1000) : json{};
}

/// Why the segment goes without speech; null: it does not.
json degraded_of(const merge_piece& piece) {
  if (!piece.degraded)
    return {};
  auto& why = piece.degraded->why;
  return {{"stage", piece.degraded->stage},
          {"how", std::string{to_string(piece.degraded->how)}},
          {"code", std::string{to_string(why.code)}},
          {"message", why.message}};
}

json segment_of(std::size_t n, const merge_piece& piece,
                const segment_outcome& became) {
  return {
    {"n", n},
    {"start", rounded(piece.span.start)},
    {"end", rounded(piece.span.end)},
    {"text", piece.text},
    {"translation", piece.translation},
    {"speech_seconds", piece.degraded ? json{} : rounded(piece.speech.seconds)},
    {"rate", piece.degraded ? json{} : rounded(piece.speech.rate)},
    {"degraded", degraded_of(piece)},
    {"outcome", std::string{to_string(became.how)}},
    {"at", rounded(became.at)},
    {"tempo", rounded(became.tempo)},
    {"shifted_by", rounded(became.shifted_by)},
    {"trimmed_by", rounded(became.trimmed_by)}};
}

json summary_of(const timeline& line) {
  json out{{"segments", line.outcomes.size()}};
  for (auto how : {fit::natural, fit::stretched, fit::hurried, fit::trimmed,
                   fit::left_out, fit::kept_original, fit::silent})
    out[std::string{to_string(how)}]
      = std::count_if(line.outcomes.begin(), line.outcomes.end(),
                      [&](auto& x) { return x.how == how; });
  return out;
}

json notes_of(const merge_input& in, const timeline& line,
              const media_file& video) {
  auto notes = json(in.notes);
  auto count = [&](fit how) {
    return std::count_if(line.outcomes.begin(), line.outcomes.end(),
                         [&](auto& x) { return x.how == how; });
  };
  auto note = [&](fit how, const char* one, const char* many) {
    auto n = count(how);
    if (n > 0)
      notes.push_back(n == 1 ? one : std::to_string(n) + many);
  };
  note(fit::hurried, "1 segment is played more than 1.2 times faster",
       " segments are played more than 1.2 times faster");
  note(fit::trimmed, "1 segment did not fit and is cut off",
       " segments did not fit and are cut off");
  note(fit::left_out, "1 segment had no room and is left out",
       " segments had no room and are left out");
  note(fit::kept_original,
       "1 segment could not be dubbed and keeps the original sound",
       " segments could not be dubbed and keep the original sound");
  note(fit::silent, "1 segment could not be dubbed and is silent",
       " segments could not be dubbed and are silent");
  if (!video.picture.empty() && video.picture != "copied")
    notes.push_back("the picture was encoded anew (" + video.picture
                    + "): MP4 cannot hold the source's as it is");
  if (!video.loudness_lkfs)
    notes.push_back("the loudness could not be measured: the dub is silent or "
                    "very short");
  else if (std::abs(*video.loudness_lkfs - line.plan.loudness_lkfs) > 3)
    notes.push_back("the loudness is off by more than 3 LU");
  for (auto& key : in.options->unknown_keys)
    notes.push_back("the option '" + key + "' is not known and had no effect");
  return notes;
}

json optional(const std::optional<double>& value) {
  return value ? rounded(*value) : json{};
}

} // namespace

json segment_report(const work_order& order, const timeline& line,
                    const media_file& video) {
  auto& in = std::get<merge_input>(order.input);
  auto segments = json::array();
  for (std::size_t i = 0; i < in.pieces.size(); ++i)
    segments.push_back(segment_of(i, in.pieces[i], line.outcomes[i]));
  return {{"format", report_format},
          {"job_id", order.job_id},
          {"run", order.run},
          {"source_object_key", in.source_object_key},
          {"source_language", in.source_language},
          {"source_language_name", language_name(in.source_language)},
          {"target_language", in.target_language},
          {"target_language_name", language_name(in.target_language)},
          {"seconds", rounded(in.seconds)},
          {"video", {{"picture", video.picture}, {"bytes", video.bytes}}},
          {"sound",
           {{"loudness_lkfs", optional(video.loudness_lkfs)},
            {"true_peak_db", optional(video.true_peak_db)},
            {"original_kept", in.options->keep_original}}},
          {"summary", summary_of(line)},
          {"notes", notes_of(in, line, video)},
          {"unknown_options", in.options->unknown_keys},
          {"segments", std::move(segments)}};
}

void add_facts(json& report, const std::vector<stage_fact>& facts) {
  auto stages = json::array();
  for (auto& fact : facts) {
    auto failed = json::object();
    for (auto& [code, n] : fact.failed_attempts)
      failed[std::string{to_string(code)}] = n;
    stages.push_back({{"stage", fact.stage},
                      {"seconds", rounded(fact.seconds)},
                      {"items", fact.items},
                      {"failed_attempts", std::move(failed)}});
  }
  report["stages"] = std::move(stages);
}

std::string report_text(const json& report) {
  return report.dump(1, ' ', false, json::error_handler_t::replace);
}

} // namespace dubber
