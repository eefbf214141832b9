#pragma once

#include "core/boxed.hpp"
#include "core/event.hpp"
#include "core/flag_row.hpp"
#include "core/job_row.hpp"
#include "core/maybe_time.hpp"
#include "core/pipeline.hpp"
#include "core/small_map.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dubber {

/// One item of one stage; the unit of work that is called, retried, finished.
struct work_ref {
  std::uint32_t stage = 0; ///< index in the pipeline
  std::uint32_t item = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const work_ref&) const = default;
};

/// What an item that failed before has to respect when it is tried again.
struct item_retry {
  int failed_attempts = 0;
  time_point due; ///< the pause is over

  bool operator==(const item_retry&) const = default;
};

enum class stage_status : std::uint8_t { pending, running, done, failed };

/// What most stages do not have.
struct stage_past {
  /// Raised by redo: its work has another call key then.
  std::uint32_t generation = 0;
  /// Items that a person did by hand; rather too many than too few, once some
  /// were opened again.
  std::uint32_t given = 0;
  /// After failed attempts; only items that are not done yet.
  std::map<std::uint32_t, item_retry> retries;
  std::map<fault_code, std::uint32_t> failed; ///< attempts, of all items

  bool operator==(const stage_past&) const = default;
};

/// How far a stage is. Each job has all of its stages: the order of members is
/// that which takes least room.
struct stage_progress {
  stage_status status = stage_status::pending;
  bool fresh = false; ///< is redone: no kept result will do
  /// How much of it was done in this run before it was taken back, 0 to 1: it
  /// stays counted in the progress.
  float counted = 0;
  flag_row items; ///< done or not; sized when the stage starts
  std::uint32_t done = 0;
  /// All items below are done: where to look for work.
  std::uint32_t first_open = 0;
  int attempt = 0;          ///< of the last outcome
  std::uint32_t cached = 0; ///< items whose result was there already
  maybe_time started_at;
  maybe_time ended_at;
  boxed<stage_past> past; ///< if there is any

  /// What the item has to respect when it is tried again; null: nothing.
  const item_retry* retry_of(std::uint32_t item) const {
    if (!past)
      return nullptr;
    auto i = past->retries.find(item);
    return i == past->retries.end() ? nullptr : &i->second;
  }
  std::uint32_t generation() const {
    return past ? past->generation : 0;
  }
  std::uint32_t given() const {
    return past ? past->given : 0;
  }

  bool operator==(const stage_progress&) const = default;
};

struct job_error {
  fault why;
  std::string stage;
  std::uint32_t item = 0;

  bool operator==(const job_error&) const = default;
};

/// Why one of several languages does not go on.
struct job_stop {
  job_error error;
  bool fails = false; ///< alone, the job would have failed for it

  bool operator==(const job_stop&) const = default;
};

/// What a job has come to in one language.
struct dub_results {
  std::vector<std::optional<std::string>> translations;
  std::vector<boxed<spoken>> speeches;
  /// By segment: those that go without.
  small_map<std::uint32_t, degradation> degraded;
  boxed<merged> result;
  std::string output_object_key;
  /// Beside it, by name; if there are any.
  boxed<std::map<std::string, std::string>> output_files;
  boxed<job_stop> stopped; ///< of several languages (core/job/apart.hpp)

  bool operator==(const dub_results&) const = default;
};

/// Everything known of a job: the fold of its events (`evolve`). The results in
/// the gateway's language are its own members.
struct job_state : dub_results {
  const pipeline_book* book = &shipped_book(); ///< outlives it
  chosen_plan plan = dubbing_pipeline();
  /// Its definition is not in the book: nothing may be done with it.
  bool plan_missing = false;
  bool pipeline_asked = false; ///< by who posted the job
  std::uint64_t seq = 0;
  job_row row;
  std::string traceparent;
  std::vector<stage_progress> stages;

  // Results, as far as there are any.
  shared_value<fetched> source; ///< its calls have it, too
  boxed<extracted> media;
  /// What the items of asr are about, once it runs: `media->chunks`, and the
  /// parts they were cut into. Of no length: it was cut.
  std::vector<media_span> spans;
  std::vector<transcript> chunks;
  boxed<transcript> speech;
  std::uint32_t segments = 0; ///< of `speech`
  /// Of `http` stages, by stage; by item.
  small_map<std::uint32_t, std::vector<boxed<answered>>> answers;
  std::vector<dub_results> further; ///< by `plan->further`

  std::uint32_t losses = 0; ///< artifacts that got lost in this run
  boxed<job_error> error;
  /// While parked: when it fails, unless a person acts.
  maybe_time parked_until;
  /// The final state that the gateway has to be told until it was seen.
  boxed<final_report> owed;
  std::uint64_t debt = 0; ///< `seq` of the last report.owed

  /// The results in that language: 0 is the gateway's.
  dub_results& dub(std::uint32_t lane);
  const dub_results& dub(std::uint32_t lane) const;

  bool has_degraded() const;

  bool is_active() const {
    return row.status == job_status::running;
  }

  /// Whether what its calls answer still counts.
  bool takes_results() const {
    return is_active() || row.status == job_status::paused
           || row.status == job_status::parked;
  }

  bool operator==(const job_state&) const = default;
};

/// The language of that lane (core/lanes.hpp).
std::string language_in(const job_state& state, std::uint32_t lane);

} // namespace dubber
