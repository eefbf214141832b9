#pragma once

#include "core/job/machine.hpp"
#include "core/policy.hpp"
#include "tests/simulation/trouble.hpp"
#include "tests/support/dub_samples.hpp"

#include <vector>

namespace dubber::sim {

/// A job that somebody wants.
struct wanted_job {
  std::int64_t job_id = 0;
  test::dub_shape shape;
  ms asked_at{0};
};

/// Everything a seed decides before the first step.
struct scenario {
  explicit scenario(std::uint64_t seed);

  std::uint64_t seed;
  dice chance; ///< for what is decided on the way
  troubles has;
  std::vector<wanted_job> jobs;
  service_policies policies;
  job_rules rules;
  std::size_t window = 64;
  /// From then on nothing goes wrong any more, and all has to come to its end.
  ms healed_at{0};
};

/// Longest time after the healing until every job has ended.
inline constexpr ms patience{3'600'000};

} // namespace dubber::sim
