#pragma once

#include "core/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
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

/// When calls to a failing service stop, and when they are tried again (names
/// after resilience4j; core/breaker.hpp).
struct breaker_policy {
  int consecutive = 5; ///< failures in a row that open it
  ms open{30'000};     ///< first time it stays open; doubles with each failure
  int half_open_calls = 1;   ///< probes that must succeed to close it
  ms open_cap{300'000};      ///< longest time open
  int min_calls = 5;         ///< in the window, before the rates mean anything
  double failure_rate = 0.5; ///< share of failed calls that opens it
  double slow_rate = 1.0;    ///< share of slow calls that opens it
  double slow_after = 0.8;   ///< slow: longer than this share of its deadline
  ms window{600'000};        ///< calls that count: the last ten minutes …
  int window_calls = 0;      ///< … or, when above 0, the last so many

  bool operator==(const breaker_policy&) const = default;
};

/// Retries among the calls at once: an outage is not multiplied (failsafe-go).
struct budget_policy {
  double ratio = 0.2; ///< of the calls at once …
  int min = 3;        ///< … but so many always

  bool operator==(const budget_policy&) const = default;
};

/// What becomes of a job when work has used up its attempts or its time.
enum class exhausted {
  park,          ///< it waits for a person, with everything it has
  fail,          ///< it fails
  keep_original, ///< translate, tts: the segment keeps the original's sound
  silence,       ///< translate, tts: the segment is silent
};

std::string_view to_string(exhausted what);
std::optional<exhausted> exhausted_from(std::string_view name);

/// Whether the service's work is about one segment, so that a dub can do
/// without its result.
bool may_stand_in(std::string_view service);

/// The policy file's `max_degraded_ratio`: a job with a larger share of its
/// segments degraded parks instead.
inline constexpr double default_degraded_ratio = 0.1;

/// The policy file's `services.<name>` (INTERFACES).
struct service_policy {
  std::vector<std::string> urls; ///< empty for media and store
  std::string identity;          ///< empty: the first URL
  int max_concurrent = 8;
  ms queue_timeout{86'400'000}; ///< longest wait for a permit, holds left out
  timeout_policy attempt_timeout;
  ms total_timeout{86'400'000}; ///< all attempts; stands still while held
  ms max_hold{86'400'000};      ///< then the work gives up
  retry_policy retry;
  budget_policy budget;
  breaker_policy breaker;
  exhausted on_exhausted = exhausted::park;
  /// No service: stages of other services follow it.
  bool policy_only = false;
};

/// What the model behind the service is called: part of what determines its
/// results. Empty for media and store, unless it is named.
std::string identity_of(const service_policy& policy);

/// By service name: gateway media asr translate tts store.
using service_policies = std::map<std::string, service_policy>;

/// The shipped defaults (docs/configuration table in README.md).
service_policies default_policies();

} // namespace dubber
