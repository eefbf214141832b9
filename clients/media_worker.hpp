#pragma once

#include "clients/call_handle.hpp"
#include "core/result.hpp"
#include "core/work.hpp"

#include <functional>
#include <string>

namespace dubber {

/// What a media worker answers (INTERFACES, Celery).
struct media_file {
  std::string key;
  std::string sha256;
  std::uint64_t bytes = 0;
  double seconds = 0;
};

/// The two tasks that need ffmpeg, done here (`local`), on other nodes
/// (`cluster`) or by the platform's worker (`celery`): one contract suite.
/// All files travel by their keys in the object store.
class media_worker {
public:
  using callback = std::function<void(result<media_file>)>;

  virtual ~media_worker() = default;

  /// `extract_audio`: the source's first sound track as WAV (16 kHz, mono, 16
  /// bit) whose clock starts where the video's does, stored under `output_key`.
  /// Faults: `invalid_input` (no media, no sound; says which), `not_found` (no
  /// such source), `timeout`, `disk`.
  virtual call_handle extract_audio(std::int64_t job_id, std::uint32_t run,
                                    const std::string& source_key,
                                    const std::string& output_key, ms timeout,
                                    callback on_end)
    = 0;

  /// `merge_audio`: executes the plan stored under `plan_key`
  /// (docs/merge-plan.md), stores the result under `output_key`.
  virtual call_handle merge_audio(std::int64_t job_id, std::uint32_t run,
                                  const std::string& plan_key,
                                  const std::string& output_key, ms timeout,
                                  callback on_end)
    = 0;
};

} // namespace dubber
