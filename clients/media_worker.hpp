#pragma once

#include "clients/call_handle.hpp"
#include "core/result.hpp"
#include "core/work.hpp"

#include <functional>
#include <optional>
#include <string>

namespace dubber {

/// What a media worker answers (INTERFACES, Celery). What has a default is
/// said by those who can, for the report.
struct media_file {
  std::string key;
  std::string sha256;
  std::uint64_t bytes = 0;
  double seconds = 0;
  /// Of a merge: `copied`, or what the picture was encoded to (`h264`).
  std::string picture = {};
  /// Of a merge: measured of the finished track; nothing for silence.
  std::optional<double> loudness_lkfs = {};
  std::optional<double> true_peak_db = {};
};

/// Whose work it is.
struct media_call {
  std::int64_t job_id = 0;
  std::uint32_t run = 1;
  /// The same over retries and crashes (clients/call_key.hpp).
  std::string call_key = {};
  int attempt = 1;
  std::string traceparent = {};
};

/// The two tasks that need ffmpeg, done here (`local`), on other nodes
/// (`cluster`) or by the platform's worker (`celery`): one contract suite
/// (tests/contract/media_worker_contract.hpp). All files travel by their keys
/// in the object store. Calls return at once; the callback comes once, later,
/// from any thread, unless the handle was cancelled before.
class media_worker {
public:
  using callback = std::function<void(result<media_file>)>;

  virtual ~media_worker() = default;

  /// `extract_audio`: the source's first sound track as WAV (16 kHz, mono, 16
  /// bit) on the source's clock and as long as the source, stored under
  /// `output_key`.
  /// Faults: `invalid_input` (no media, no picture, no sound; says which),
  /// `limit_exceeded` (longer than 12 hours), `not_found` (no such source),
  /// `timeout`, `disk`.
  virtual call_handle
  extract_audio(const media_call& of, const std::string& source_key,
                const std::string& output_key, ms timeout, callback on_end)
    = 0;

  /// `merge_audio`: executes the plan stored under `plan_key`
  /// (docs/merge-plan.md), stores the result under `output_key`.
  /// Faults: those above, `invalid_input` (the plan is unusable), `not_found`
  /// (something that the plan names is not there).
  virtual call_handle
  merge_audio(const media_call& of, const std::string& plan_key,
              const std::string& output_key, ms timeout, callback on_end)
    = 0;
};

} // namespace dubber
