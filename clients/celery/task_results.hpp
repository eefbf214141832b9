#pragma once

#include "core/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dubber {

/// Where the states of tasks are found. Of one thread; may block for a few
/// seconds.
class task_results {
public:
  /// One for each task, as Celery writes it; nothing: none is known.
  using states = std::vector<std::optional<std::string>>;

  virtual ~task_results() = default;

  /// What is new, asked again and again; with no ids: whether it is there.
  /// Faults: `unreachable`, `timeout`, `refused` (in its words).
  virtual result<states> look(const std::vector<std::string>& ids) = 0;

  /// The same of tasks that may be from before our time.
  virtual result<states> recall(const std::vector<std::string>& ids) {
    return look(ids);
  }

  /// Nothing is told to anybody any more. From any thread.
  virtual void stop() {}
};

} // namespace dubber
