#include "tests/simulation/scenario.hpp"

namespace dubber::sim {

namespace {

service_policies policies_of(dice& d) {
  auto all = default_policies();
  for (auto& [name, policy] : all) {
    policy.max_concurrent = static_cast<int>(d.between(1, 4));
    policy.attempt_timeout
      = {d.between(ms{1'500}, ms{4'000}), ms{name == "asr" ? 50 : 0}};
    policy.retry = {static_cast<int>(d.between(2, 8)), ms{200}, 2.0, ms{5'000},
                    d.one_in(2)};
    policy.budget = {0.2, static_cast<int>(d.between(1, 3))};
    policy.breaker = {};
    policy.breaker.consecutive = static_cast<int>(d.between(2, 5));
    policy.breaker.open = ms{5'000};
    policy.breaker.open_cap = ms{20'000};
    policy.breaker.half_open_calls = static_cast<int>(d.between(1, 2));
    policy.breaker.min_calls = static_cast<int>(d.between(3, 8));
    if (d.one_in(4))
      policy.queue_timeout = d.between(ms{2'000}, ms{20'000});
    if (d.one_in(4))
      policy.total_timeout = d.between(ms{5'000}, ms{30'000});
    if (d.one_in(4))
      policy.max_hold = d.between(ms{8'000}, ms{30'000});
  }
  return all;
}

} // namespace

scenario::scenario(std::uint64_t number) : seed(number), chance(number) {
  has = troubles{chance};
  policies = policies_of(chance);
  rules.park_timeout = ms{600'000};
  window = chance.one_in(2) ? 64 : chance.between(1, 3);
  auto count = chance.between(1, 3);
  for (std::uint64_t n = 0; n < count; ++n) {
    wanted_job job;
    job.job_id = static_cast<std::int64_t>(n + 1);
    job.shape.segments = static_cast<std::uint32_t>(chance.between(1, 4));
    job.shape.chunks = static_cast<std::uint32_t>(
      chance.between(1, std::min<std::uint64_t>(job.shape.segments, 2)));
    job.asked_at = chance.between(ms{0}, ms{15'000});
    jobs.push_back(job);
  }
  healed_at = chance.between(ms{30'000}, ms{120'000});
}

} // namespace dubber::sim
