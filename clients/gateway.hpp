#pragma once

#include "clients/call_handle.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dubber {

/// What is told to the API gateway of a job; unset fields are not sent.
struct gateway_update {
  std::string status;          ///< PROCESSING COMPLETED FAILED; empty: not sent
  std::optional<int> progress; ///< 0-100
  std::optional<std::string> output_object_key;
  std::optional<std::string> estimated_time_remaining;
  std::optional<std::string> activity;

  bool operator==(const gateway_update&) const = default;
};

/// What the gateway holds of a job, as far as reporting compares it.
struct gateway_state {
  std::string source_object_key;
  std::string status;
  int progress = 0;
  std::string output_object_key; ///< empty for null
};

/// The API gateway's job calls (CONTRACTS.md). Callbacks as in `worker`.
class gateway {
public:
  virtual ~gateway() = default;

  /// GET. Fault `not_found` when the gateway has no such job.
  virtual call_handle get(std::int64_t job_id, ms deadline,
                          std::function<void(result<gateway_state>)> on_end)
    = 0;

  /// PATCH. A missing job comes as `server_error` (500), as the gateway does
  /// it.
  virtual call_handle patch(std::int64_t job_id, const gateway_update& update,
                            ms deadline,
                            std::function<void(result<done>)> on_end)
    = 0;
};

} // namespace dubber
