#pragma once

#include "clients/media_worker.hpp"
#include "core/remote_task.hpp"

#include <string_view>

namespace dubber {

/// What a task's state, as Celery stores or sends it, says.
struct task_state {
  task_news news = task_news::none;
  /// Of `done`: what the worker says it has made. Of `failed`: why not.
  result<media_file> end = fault{};
};

/// Reads `{"status", "result", …}`. States that are not final, also unknown
/// ones, are `running`. An exception becomes a fault by its name:
///
///   InvalidInput ValueError      invalid_input   never again
///   LimitExceeded                limit_exceeded  never again
///   NotFound (sentence, key)     not_found       never again
///   NotRegistered, TypeError of arguments, EncodeError
///                                refused         never again
///   DiskFull, OSError of no room disk            held until there is room
///   SoftTimeLimitExceeded TimeLimitExceeded, expired
///                                timeout         again
///   all others, WorkerLostError, revoked by others
///                                server_error    again
///
/// A text that is no such state, or a result that is not {key, sha256, bytes,
/// seconds}: `bad_answer`.
task_state read_task_state(std::string_view text);

/// The id in it; empty when there is none.
std::string task_id_in(std::string_view text);

} // namespace dubber
