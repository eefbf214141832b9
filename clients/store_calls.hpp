#pragma once

#include "clients/object_store.hpp"
#include "clients/work_pool.hpp"

#include <chrono>

namespace dubber {

/// One task's deadline and whether it is still wanted.
struct task_clock {
  std::chrono::steady_clock::time_point deadline;
  cancel_flag cancelled;

  task_clock(ms timeout, cancel_flag flag)
    : deadline(std::chrono::steady_clock::now() + timeout),
      cancelled(std::move(flag)) {
    // nop
  }

  /// At least 1 ms: what begins at the deadline ends at once by itself.
  ms left() const;
};

/// The store's calls for code that has a thread of its own: they wait for the
/// answer, the deadline (`timeout`) or the cancel (`cancelled`). Never on a
/// thread that the store itself needs.
result<object_store::local_file>
fetch_file(object_store& store, const std::string& key,
           const std::filesystem::path& scratch, const task_clock& clock);
result<artifact> put_file(object_store& store,
                          const std::filesystem::path& file,
                          const std::string& key, const task_clock& clock);
result<artifact> put_artifact_file(object_store& store,
                                   const std::filesystem::path& file,
                                   const task_clock& clock);
result<artifact> copy_file(object_store& store, const std::string& from,
                           const std::string& to, const task_clock& clock);

/// As `fetch_file`, and the content is checked against the artifact's hash.
/// Fault `not_found` when it is another: a damaged artifact is a missing one.
result<object_store::local_file>
fetch_artifact(object_store& store, const artifact& what,
               const std::filesystem::path& scratch, const task_clock& clock);

} // namespace dubber
