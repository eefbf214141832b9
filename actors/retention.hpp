#pragma once

#include "core/time.hpp"

namespace dubber {

/// HISTORY_RETENTION and ARTIFACT_RETENTION, after the end of a job.
struct retention_policy {
  ms history{30LL * 86'400'000};
  ms artifacts{7LL * 86'400'000};
};

} // namespace dubber
