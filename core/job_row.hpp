#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dubber {

/// INTERFACES, States.
enum class job_status {
  queued,
  running,
  paused,
  parked,
  completed,
  failed,
  cancelled,
  rejected,
};

std::string_view to_string(job_status status);
std::optional<job_status> job_status_from(std::string_view name);

/// Whether nothing more is done for the job unless a person asks.
bool is_final(job_status status);

/// What the index of jobs holds of each: enough for lists, identity and
/// take-up at start without reading a history.
struct job_row {
  std::uint64_t job_no = 0;      ///< ours: 1, 2, … in order of acceptance
  std::int64_t job_id = 0;       ///< the gateway's
  std::string source_object_key; ///< empty until fetched
  std::string pipeline;
  std::string target_language;
  job_status status = job_status::queued;
  std::uint32_t run = 1;
  /// Whether a final report is still owed: such a job is taken up at start.
  bool owes_report = false;
  time_point created_at;
  time_point updated_at;
  /// A tombstone: the history was removed after HISTORY_RETENTION.
  bool pruned = false;

  bool operator==(const job_row&) const = default;
};

} // namespace dubber
