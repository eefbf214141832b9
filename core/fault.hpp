#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dubber {

/// What went wrong with an attempt or a job, one code for each kind of
/// reaction. The names (`to_string`) are part of the journal and of the API.
enum class fault_code {
  unreachable,   ///< refused, reset, no route, name not found: no answer at all
  timeout,       ///< the attempt's deadline passed
  busy,          ///< 408, 409 to a keyed call, 425, 429, 503
  server_error,  ///< another 5xx
  bad_answer,    ///< truncated, not JSON, wrong shape, empty audio
  refused,       ///< another 4xx: this request can never succeed
  not_found,     ///< 404
  unsupported,   ///< the neighbour has no such language, pair or voice
  invalid_input, ///< the job's own material is unusable (options, media)
  no_speech,     ///< nothing was said in the whole source
  limit_exceeded, ///< one of the stated limits (INTERFACES, Limits)
  disk,           ///< journal, store or scratch: full, read-only, broken
  cancelled,      ///< aborted on purpose
  internal,       ///< a bug of ours, or a dead actor
};

std::string_view to_string(fault_code code);
std::optional<fault_code> fault_code_from(std::string_view name);

/// One failure, as it travels from the rim to the decisions and to people.
struct fault {
  fault_code code = fault_code::internal;
  /// For people: names the neighbour and what it said; no secrets.
  std::string message;
  /// HTTP status of the neighbour's answer; 0 when there was none.
  int http_status = 0;
  /// The neighbour's own wish (Retry-After).
  std::optional<ms> retry_after;
  /// What is missing, when that decides how it goes on: a key of the store.
  std::string subject = {};

  bool operator==(const fault&) const = default;
};

/// Whether a later attempt can end differently.
bool is_retryable(fault_code code);

/// Whether the neighbour, and not the request, is to blame: such faults count
/// for its circuit breaker.
bool blames_service(fault_code code);

/// Whether the fault is nobody's attempt: the work is held until the resource
/// is back, and no attempt is charged.
bool is_hold(fault_code code);

} // namespace dubber
