#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dubber::test {

/// A service that is away for a while, again and again.
struct outage_plan {
  std::string service;
  double first = 0; ///< seconds from the beginning
  double every = 0;
  double length = 0;
};

/// A stream of jobs, and services that are not as fast as the first guesses of
/// core/eta say.
struct load {
  std::string name;
  std::uint64_t seed = 1;
  int jobs = 320;
  int together = 1;           ///< jobs that arrive at once
  double between = 600;       ///< mean seconds between arrivals, exponential
  double media_seconds = 240; ///< median; lognormal
  double media_spread = 0.7;  ///< deviation of its logarithm
  double film_share = 0;      ///< of jobs that last two hours
  double noise = 0.3;         ///< of each call's time, the same measure
  double job_noise = 0.15;    ///< of all calls of one job together
  double failing = 0;         ///< share of calls that fail
  std::optional<outage_plan> away = {};
  /// From the middle of the jobs on asr takes so many times as long.
  double slower = 1;
};

/// Somebody looked at a job while it ran.
struct one_look {
  int job = 0;
  bool told = false;     ///< there was a time left
  std::size_t phase = 0; ///< `past_errors::phase_of`
  double p50 = 0;
  double p90 = 0;
  double real = 0;
};

struct load_outcome {
  std::string name;
  std::vector<one_look> looks; ///< at jobs that came after `warm_up`
  double hours = 0;            ///< of virtual time
  double fallen = 0;           ///< most that a job's progress fell: 0
};

/// Jobs before history counts: their looks are left out.
inline constexpr int warm_up = 60;

/// Plays all jobs to their end: the real decisions of jobs, gates and forecasts
/// (core), no actors, in virtual time.
load_outcome play(const load& what);

/// What `./dev bench eta` and the test play.
std::vector<load> usual_loads();

/// How good the times were: shares of looks that a job took no longer than.
struct coverage {
  double p50 = 0;
  double p90 = 0;
  /// Each job counting as much as any other. (Jobs that take long are looked at
  /// more often, and are those that were said to be quicker.)
  double p90_by_job = 0;
  double width = 0; ///< median of p90 / p50
  double off = 0;   ///< median of |real - p50| / real
  double told = 0;  ///< share of looks with a time at all
  std::size_t looks = 0;
};

coverage coverage_of(const std::vector<one_look>& looks);

} // namespace dubber::test
