#pragma once

#include "core/time.hpp"

#include <map>
#include <string>
#include <vector>

namespace dubber {

/// How attempts follow each other (PEERS: Temporal's fields). The pause before
/// attempt n+1 is drawn evenly from [0, min(cap, initial * multiplier^(n-1))]
/// ("full jitter"), or is that bound itself when jitter is off.
struct retry_policy {
  int max_attempts = 5;
  ms initial{1'000};
  double multiplier = 2.0;
  ms cap{60'000};
  bool jitter = true;
};

/// Deadline of one attempt: base + per_media_second * seconds of media.
struct timeout_policy {
  ms base{60'000};
  ms per_media_second{0};

  ms of(double media_seconds) const {
    return base
           + ms{static_cast<ms::rep>(
             static_cast<double>(per_media_second.count()) * media_seconds)};
  }
};

/// Trips on consecutive failures; opens for `open`, then lets
/// `half_open_calls` probes through; one success closes it, one failure opens
/// it again. (Windows and rates come with the resilience policies.)
struct breaker_policy {
  int consecutive = 5;
  ms open{30'000};
  int half_open_calls = 1;
};

/// The policy file's `services.<name>` (INTERFACES).
struct service_policy {
  std::vector<std::string> urls; ///< empty for media and store
  std::string identity;          ///< empty: the first URL
  int max_concurrent = 8;
  ms queue_timeout{86'400'000}; ///< longest wait for a permit while closed
  timeout_policy attempt_timeout;
  ms total_timeout{86'400'000}; ///< all attempts; stands still while held
  ms max_hold{86'400'000};      ///< then the work gives up
  retry_policy retry;
  breaker_policy breaker;
};

/// By service name: gateway media asr translate tts store.
using service_policies = std::map<std::string, service_policy>;

/// The shipped defaults (docs/configuration table in README.md).
service_policies default_policies();

} // namespace dubber
