#pragma once

#include "core/time.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The facts of a job's life, as they are journaled. Names on disk and in the
/// API: `type_name`.
namespace dubber {

/// What the gateway has to be told in the end.
struct final_report {
  std::string status; ///< COMPLETED or FAILED
  std::string output_object_key;
  std::string activity;

  bool operator==(const final_report&) const = default;
};

namespace ev {

// -- the job
// -------------------------------------------------------------------

struct job_accepted {
  std::int64_t job_id = 0;
  std::string pipeline;
  int priority = 0;
  std::string by; ///< http, amqp
  std::string traceparent;
  bool operator==(const job_accepted&) const = default;
};

/// The job goes through this pipeline, not the shipped one. Comes with
/// `job.accepted`, when it was first fetched, or with a restart that names it.
struct pipeline_chosen {
  std::string name;
  std::string id; ///< which definition (`pipeline::id`): names change theirs
  bool operator==(const pipeline_chosen&) const = default;
};

/// The job is dubbed into these, the gateway's language first. Comes when it
/// was fetched, where they are others than before; without it there is one.
struct languages_chosen {
  std::vector<std::string> languages;
  bool operator==(const languages_chosen&) const = default;
};

/// The gateway has no such job.
struct job_rejected {
  std::string reason;
  bool operator==(const job_rejected&) const = default;
};

struct run_started {
  std::string by;
  std::string reason;
  /// The first stage that is done again, with all that rest on it; empty: all.
  std::string from;
  bool redo = false; ///< not from any cache, and under another call key
  /// After an edit: only what rests on it, on `lost`, and what was not done.
  bool edit = false;
  /// Segments that are spoken again because their sound is gone.
  std::vector<std::uint32_t> lost = {};
  /// The same in further languages.
  std::map<std::string, std::vector<std::uint32_t>> lost_in = {};
  bool operator==(const run_started&) const = default;
};

struct job_completed {
  bool operator==(const job_completed&) const = default;
};

struct job_failed {
  fault why;
  std::string stage;
  std::uint32_t item = 0;
  bool operator==(const job_failed&) const = default;
};

struct job_parked {
  fault why;
  std::string stage;
  std::uint32_t item = 0;
  time_point until; ///< then it fails
  bool operator==(const job_parked&) const = default;
};

struct job_paused {
  std::string by;
  std::string reason;
  bool operator==(const job_paused&) const = default;
};

struct job_resumed {
  std::string by;
  std::string reason;
  bool operator==(const job_resumed&) const = default;
};

struct job_cancelled {
  std::string by;
  std::string reason;
  bool operator==(const job_cancelled&) const = default;
};

// -- its stages
// ----------------------------------------------------------------

struct stage_started {
  std::string stage;
  std::uint32_t items = 1;
  bool operator==(const stage_started&) const = default;
};

/// One item of a stage that fans out is done. Journal name by the result:
/// `chunk.transcribed`, `segment.translated`, `segment.spoken`.
struct item_completed {
  std::string stage;
  std::uint32_t item = 0;
  int attempt = 1;
  work_result result;
  bool operator==(const item_completed&) const = default;
};

/// Carries the result of a stage of one item; of `asr` the cleaned transcript;
/// nothing (`reported`) where the items carried it.
struct stage_completed {
  std::string stage;
  int attempt = 1;
  work_result result;
  bool operator==(const stage_completed&) const = default;
};

/// One of several languages does not go on; the others do.
struct language_stopped {
  std::string language;
  std::string stage; ///< that gave up
  std::uint32_t item = 0;
  fault why;
  bool fails = false; ///< alone, the job would have failed for it
  bool operator==(const language_stopped&) const = default;
};

struct stage_failed {
  std::string stage;
  std::uint32_t item = 0;
  fault why;
  bool operator==(const stage_failed&) const = default;
};

/// A stored artifact is gone: what made it is done again, and what rests on it.
struct artifact_lost {
  std::string key;
  std::string stage;
  std::uint32_t item = 0;
  bool operator==(const artifact_lost&) const = default;
};

/// An attempt was used up; the next one comes after `pause`.
struct attempt_failed {
  std::string stage;
  std::uint32_t item = 0;
  int attempt = 1;
  fault why;
  ms pause{0};
  bool operator==(const attempt_failed&) const = default;
};

/// A segment goes without this stage's result, and without those after it.
struct item_degraded {
  std::string stage;
  std::uint32_t item = 0;
  int attempt = 1;
  stand_in how = stand_in::original;
  fault why;
  bool operator==(const item_degraded&) const = default;
};

/// A chunk of sound that may be too long for ASR is cut in two at `at`, seconds
/// on the source's clock: the item is over, its parts are the two next ones.
struct chunk_halved {
  std::string stage;
  std::uint32_t item = 0;
  double at = 0;
  fault why;
  bool operator==(const chunk_halved&) const = default;
};

/// A person gave a segment another text or translation: what rests on that is
/// done again, for this segment alone.
struct segment_edited {
  std::uint32_t item = 0;
  std::optional<std::string> text;
  std::optional<std::string> translation;
  /// The first stage over segments that is done again for it; empty: only those
  /// after all segments.
  std::string from;
  std::string by;
  std::string reason;
  /// Of `translation`, and of `from`; empty: the gateway's. A new text concerns
  /// all of them.
  std::string language = {};
  bool operator==(const segment_edited&) const = default;
};

// -- what is owed to the gateway
// -------------------------------------------------

struct report_owed {
  final_report report;
  bool operator==(const report_owed&) const = default;
};

/// The debt ended: the gateway was seen to hold the final state (`seen`), or
/// has no such job any more (`gone`).
struct report_delivered {
  std::string outcome;
  bool operator==(const report_delivered&) const = default;
};

} // namespace ev

using event_body = std::variant<
  ev::job_accepted, ev::job_rejected, ev::run_started, ev::job_completed,
  ev::job_failed, ev::job_parked, ev::job_paused, ev::job_resumed,
  ev::job_cancelled, ev::stage_started, ev::item_completed, ev::stage_completed,
  ev::stage_failed, ev::artifact_lost, ev::attempt_failed, ev::report_owed,
  ev::report_delivered, ev::item_degraded, ev::chunk_halved, ev::segment_edited,
  ev::pipeline_chosen, ev::languages_chosen, ev::language_stopped>;

/// One journaled fact. `seq` counts within the job from 1 without gaps.
struct event {
  std::uint64_t seq = 0;
  time_point at;
  std::uint32_t run = 1;
  event_body body;

  bool operator==(const event&) const = default;
};

/// `job.accepted`, `segment.spoken`, …: the name in journal, API and exchange.
std::string_view type_name(const event_body& body);

} // namespace dubber
