#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace dubber {

/// What is kept, and how long.
struct retention_policy {
  // HISTORY_RETENTION and ARTIFACT_RETENTION, after the end of a job.
  ms history{30LL * 86'400'000};
  ms artifacts{7LL * 86'400'000};
  /// CACHE_MAX_BYTES, 0: no results are kept for other jobs; CACHE_MAX_AGE
  /// since the last use.
  std::uint64_t cache_bytes = 0;
  ms cache_age{30LL * 86'400'000};
};

} // namespace dubber
