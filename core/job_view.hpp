#pragma once

#include "core/event.hpp"
#include "core/job_row.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What is shown of jobs (INTERFACES, HTTP), free of JSON.
namespace dubber {

/// Why work stands still, and until when.
struct waiting_view {
  std::string kind; ///< permit hold retry disk person result
  /// `journal` is a service here, too; empty: a person paused the job.
  std::string service;
  std::optional<time_point> until;
  /// The setting that bounds it; empty: the service's own limits.
  std::string limit = {};
};

struct stage_view {
  std::string name;
  std::string kind;
  std::string state; ///< pending waiting running done failed skipped
  int attempt = 0;
  std::optional<time_point> started_at;
  std::optional<time_point> ended_at;
  std::optional<waiting_view> waiting_for;
  std::uint32_t items_total = 0;
  std::uint32_t items_done = 0;
  std::uint32_t items_failed = 0; ///< the stage has no result of these
  std::uint32_t items_cached = 0; ///< of those done: no call was made for them
};

/// A segment that goes without its speech.
struct degraded_view {
  std::uint32_t segment = 0;
  degradation what;
  std::string language = {};
};

struct error_view {
  fault why;
  std::string stage;
  std::optional<std::uint32_t> segment;
};

/// What the job has come to in one of its languages.
struct result_view {
  std::string language;
  std::string state;               ///< running, stopped, done
  std::optional<error_view> error; ///< why it is stopped
  std::string output_object_key;   ///< empty until uploaded
  std::size_t degraded_count = 0;
  /// What can be fetched, name to key in the object store, as far as it is
  /// there: audio video srt vtt report report_html.
  std::map<std::string, std::string> artifacts;
};

inline constexpr std::size_t most_degraded_shown = 1'000;

struct job_view {
  job_row row;
  std::string source_language;
  double progress = 0; ///< 0-1
  std::optional<double> eta_p50_seconds;
  std::optional<double> eta_p90_seconds;
  std::vector<stage_view> stages;
  std::optional<waiting_view> waiting_for;
  std::optional<error_view> error;
  std::size_t degraded_count = 0;
  std::vector<degraded_view> degraded; ///< the first `most_degraded_shown`
  std::string output_object_key;       ///< empty until uploaded
  std::string report_key; ///< artifact of the report; empty until merged
  /// What can be fetched, name to key in the object store, as far as it is
  /// there: audio video srt vtt report report_html.
  std::map<std::string, std::string> artifacts;
  /// The same by language; the gateway's, whose results are those above, first.
  std::vector<result_view> results;
  std::string gateway_json; ///< the gateway's job object as fetched
};

struct segment_view {
  std::uint32_t n = 0;
  media_span span;
  std::string text;
  std::optional<std::string> translation;
  std::optional<spoken> speech;
  std::optional<degradation> degraded = {};
  std::optional<waiting_view> waiting_for = {};
};

} // namespace dubber
