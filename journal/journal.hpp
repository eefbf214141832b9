#pragma once

#include "core/event.hpp"
#include "core/job_row.hpp"
#include "core/kept_result.hpp"
#include "core/note.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dubber {

/// What one job wants to have written at once: all of it or nothing.
struct journal_append {
  std::uint64_t job_no = 0; ///< 0: there are only notes
  /// The owner's fencing number, as `journal::open_epoch` gave it.
  std::uint64_t epoch = 0;
  /// `seq` of the job's last event before this append; 0 for a new job.
  std::uint64_t expected_seq = 0;
  /// With `seq` = expected_seq + 1, + 2, …
  std::vector<event> events;
  /// The job's row as it is after these events; absent: unchanged.
  std::optional<job_row> row;
  /// What is kept, or forgotten, together with these events.
  std::vector<note> notes = {};
  /// Of these events, for other jobs: replace what has the same key.
  std::vector<kept_result> results = {};
};

/// What became of an append.
struct append_outcome {
  /// Store-wide position of the first event; the others follow without gaps.
  std::uint64_t first_position = 0;
  /// Set when this append alone was refused (`refused`: stale epoch or another
  /// sequence: somebody else writes this job).
  std::optional<fault> refused;
};

struct stored_event {
  std::uint64_t position = 0;
  std::uint64_t job_no = 0;
  event what;
};

struct row_filter {
  std::optional<job_status> status;
  /// Only jobs that are not final or owe a report.
  bool unfinished = false;
  /// Only this id of the gateway.
  std::optional<std::int64_t> job_id;
};

/// The durable history. One writer and any number of readers; every call
/// blocks and belongs on a thread of its own. Faults are `disk`, with a message
/// that an operator can act on.
class journal {
public:
  virtual ~journal() = default;

  /// Makes the caller the owner: appends of earlier epochs are refused from
  /// now on.
  virtual result<std::uint64_t> open_epoch() = 0;

  /// The number that the next new job gets.
  virtual result<std::uint64_t> next_job_no() = 0;

  /// Writes a batch in one transaction, durable when it returns. A fault:
  /// nothing of the batch was written. Otherwise one outcome an append, in
  /// order; a refused append leaves the others untouched. Kept results that
  /// name an artifact of an `artifact.lost` go.
  virtual result<std::vector<append_outcome>>
  commit(std::span<const journal_append* const> batch) = 0;
  result<std::vector<append_outcome>>
  commit(std::span<const journal_append> batch);

  /// A job's events with seq > after_seq, in order, at most `limit`.
  virtual result<std::vector<stored_event>>
  read(std::uint64_t job_no, std::uint64_t after_seq, std::size_t limit) = 0;

  /// All jobs' events with position > after, in order, at most `limit`.
  virtual result<std::vector<stored_event>> read_all(std::uint64_t after,
                                                     std::size_t limit)
    = 0;

  /// Rows in descending job_no below `before` (0: from the newest), at most
  /// `limit`.
  virtual result<std::vector<job_row>>
  list(const row_filter& filter, std::uint64_t before, std::size_t limit) = 0;

  /// The row of one job.
  virtual result<std::optional<job_row>> find(std::uint64_t job_no) = 0;

  /// The notes of one area, the longest unchanged first.
  virtual result<std::vector<note>> notes(const std::string& area) = 0;

  /// Jobs that have ended, owe nothing, last changed before `before` and still
  /// have their history; oldest first, at most `limit`.
  virtual result<std::vector<job_row>> list_ended(time_point before,
                                                  std::size_t limit)
    = 0;

  /// Removes the histories of ended jobs; their rows stay, as tombstones. Jobs
  /// that go on by now are passed over.
  virtual result<done> prune(std::span<const std::uint64_t> job_nos) = 0;

  /// The kept result with this key.
  virtual result<std::optional<work_result>> find_result(const std::string& key)
    = 0;

  /// `key_number` of all kept results, in no order.
  virtual result<std::vector<std::uint64_t>> result_numbers() = 0;

  virtual result<done> mark_used(std::span<const result_use> uses) = 0;

  /// Removes kept results beyond the limits, the longest unused first, never
  /// one whose artifacts a job that goes on names; at most some hundreds.
  virtual result<result_stock> trim_results(const result_limits& limits) = 0;

  /// Whether the artifact is still named, by a kept result or by a job that has
  /// not ended before `before`. Only keys `artifacts/<sha256>` are known; may
  /// be true for one that is not named, never false for one that is.
  virtual result<bool> is_named(const std::string& key, time_point before) = 0;
};

/// For tests and trials: nothing survives the process.
std::unique_ptr<journal> make_memory_journal();

/// SQLite in WAL mode, synchronous=FULL (docs/journal-format.md). Creates the
/// file; faults: not a journal, a newer format, locked by another process,
/// read-only, full, corrupt.
result<std::unique_ptr<journal>> open_sqlite_journal(const std::string& path);

} // namespace dubber
