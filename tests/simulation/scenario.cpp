#include "tests/simulation/scenario.hpp"

#include "tests/simulation/own_pipelines.hpp"

#include <iterator>

namespace dubber::sim {

namespace {

breaker_policy draw_breaker(dice& d) {
  breaker_policy out;
  out.consecutive = static_cast<int>(d.between(2, 6));
  out.open = d.between(ms{1'000}, ms{6'000});
  out.open_cap = d.between(ms{4'000}, ms{20'000});
  out.half_open_calls = static_cast<int>(d.between(1, 3));
  out.min_calls = static_cast<int>(d.between(2, 8));
  out.failure_rate = static_cast<double>(d.between(3, 10)) / 10;
  if (d.one_in(3)) {
    out.slow_rate = static_cast<double>(d.between(5, 10)) / 10;
    out.slow_after = static_cast<double>(d.between(1, 8)) / 10;
  }
  if (d.one_in(2))
    out.window_calls = static_cast<int>(d.between(2, 12));
  else
    out.window = d.between(ms{2'000}, ms{60'000});
  return out;
}

budget_policy draw_budget(dice& d) {
  return {static_cast<double>(d.below(5)) / 4, static_cast<int>(d.below(4))};
}

exhausted draw_exhausted(const std::string& service, dice& d) {
  if (!d.one_in(3))
    return exhausted::park;
  return static_cast<exhausted>(d.below(may_stand_in(service) ? 4 : 2));
}

void draw_urls(const std::string& service, service_policy& policy, dice& d) {
  policy.urls.clear();
  if (service == "media" || service == "store")
    return;
  auto several = service != "gateway" && d.one_in(2);
  for (auto n = several ? d.between(2, 3) : 1; n > 0; --n)
    policy.urls.push_back("http://" + service + "-" + std::to_string(n));
}

void draw_policy(const std::string& name, service_policy& policy, dice& d) {
  draw_urls(name, policy, d);
  policy.max_concurrent = static_cast<int>(d.between(1, d.one_in(4) ? 8 : 4));
  policy.attempt_timeout = {d.one_in(4) ? d.between(ms{10'000}, ms{40'000})
                                        : d.between(ms{1'500}, ms{4'000}),
                            ms{name == "asr" ? 50 : 0}};
  policy.retry
    = {static_cast<int>(d.between(1, 8)), ms{200}, 2.0, ms{5'000}, d.one_in(2)};
  policy.budget = draw_budget(d);
  policy.breaker = draw_breaker(d);
  policy.on_exhausted = draw_exhausted(name, d);
  if (d.one_in(4))
    policy.queue_timeout = d.between(ms{2'000}, ms{20'000});
  if (d.one_in(4))
    policy.total_timeout = d.between(ms{5'000}, ms{30'000});
  if (d.one_in(4))
    policy.max_hold = d.between(ms{8'000}, ms{30'000});
}

service_policies draw_policies(dice& d) {
  auto all = default_policies();
  for (auto& [name, policy] : all)
    draw_policy(name, policy, d);
  return all;
}

} // namespace

service_policies changed(service_policies policies, dice& by) {
  for (auto& [name, policy] : policies) {
    policy.max_concurrent = static_cast<int>(by.between(1, 6));
    policy.budget = draw_budget(by);
    policy.breaker = draw_breaker(by);
  }
  return policies;
}

void scenario::draw_jobs() {
  auto count = chance.between(1, 3);
  for (std::uint64_t n = 0; n < count; ++n) {
    wanted_job job;
    job.job_id = static_cast<std::int64_t>(n + 1);
    job.film = job.job_id;
    job.shape.segments = static_cast<std::uint32_t>(
      chance.between(1, chance.one_in(6) ? 10 : 4));
    job.shape.chunks = static_cast<std::uint32_t>(
      chance.between(1, std::min<std::uint64_t>(job.shape.segments, 2)));
    if (!jobs.empty() && chance.one_in(2)) {
      job.film = jobs.front().film;
      job.shape = jobs.front().shape;
    }
    job.shape.language = chance.one_in(2) ? "hi" : "es";
    if (chance.one_in(3))
      job.priority = static_cast<int>(chance.between(0, 2)) - 1;
    job.asked_at = chance.between(ms{0}, ms{15'000});
    jobs.push_back(job);
  }
  draw_languages();
  draw_own_pipelines();
}

/// By dice of their own: what else a seed means does not depend on it.
void scenario::draw_languages() {
  constexpr std::uint64_t others = 0x6c616e6775616765;
  dice own{seed ^ others};
  if (!own.one_in(5))
    return;
  for (auto& job : jobs)
    if (own.one_in(2)) {
      job.shape.further = {"de"};
      if (own.one_in(3))
        job.shape.further.push_back("fr");
    }
}

/// So that what a seed means without them stays as it is.
constexpr std::uint64_t own_dice = 0x6f776e2070697065;

/// Beside the jobs that there are, and in the place of some.
void scenario::draw_own_pipelines() {
  dice own{seed ^ own_dice};
  if (!own.one_in(4))
    return;
  pipeline_book all;
  for (auto& plan : {draw_branches(own), draw_dub_with_calls(own)})
    all.offered[plan->name] = all.known[plan->id] = plan;
  book = std::make_shared<const pipeline_book>(std::move(all));
  auto kept = jobs.size();
  for (auto n = own.between(1, 2); n > 0; --n) {
    wanted_job job;
    job.job_id = static_cast<std::int64_t>(jobs.size() + 1);
    job.film = job.job_id;
    job.shape.segments = static_cast<std::uint32_t>(own.between(1, 3));
    if (own.one_in(2)) {
      job.film = jobs.front().film;
      job.shape = jobs.front().shape;
    }
    job.shape.language = own.one_in(2) ? "hi" : "es";
    if (own.one_in(4))
      job.shape.further = {"de"};
    jobs.push_back(job);
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (i < kept && !own.one_in(3))
      continue;
    jobs[i].pipeline = own.one_in(2) ? "branches" : "dub-with-calls";
    jobs[i].names_it = own.one_in(2);
    // At once, so that they have to share their services.
    jobs[i].asked_at = own.between(ms{0}, ms{3'000});
    if (own.one_in(2))
      jobs[i].priority = static_cast<int>(own.between(0, 2)) - 1;
  }
}

/// Of the services that only their own pipelines have.
void scenario::draw_own_policies() {
  if (book->known.empty())
    return;
  dice own{~(seed ^ own_dice)};
  for (std::string name : own_services) {
    auto& policy = policies[name];
    policy.urls = {"http://" + name};
    if (one_outage)
      continue;
    draw_policy(name, policy, own);
    policy.max_concurrent = own.one_in(3) ? 2 : 1;
  }
  auto& policy = policies[own_policy];
  if (!one_outage)
    draw_policy(own_policy, policy, own);
  policy.urls.clear();
  policy.policy_only = true;
}

const pipeline_ptr& scenario::plan_of(std::int64_t job_id) const {
  for (auto& job : jobs)
    if (auto own = book->offered.find(job.pipeline);
        job.job_id == job_id && own != book->offered.end())
      return own->second;
  return dubbing_pipeline();
}

void scenario::draw_outages() {
  auto some_time = [&] {
    return chance.between(ms{0}, healed_at);
  };
  auto some_way = [&] {
    return static_cast<outage_kind>(chance.below(4));
  };
  if (has.has(trouble::outage))
    for (auto n = chance.between(1, 3); n > 0; --n) {
      auto service
        = std::next(policies.begin(),
                    static_cast<std::ptrdiff_t>(chance.below(policies.size())));
      outages.push_back({service->first, some_way(), some_time(),
                         chance.between(ms{2'000}, ms{30'000})});
    }
  if (has.has(trouble::commit_fails) && chance.one_in(2))
    outages.push_back({"journal", outage_kind::refuses, some_time(),
                       chance.between(ms{2'000}, ms{20'000})});
}

void scenario::draw_one_outage() {
  one_outage = true;
  has = {};
  policies = default_policies();
  draw_own_policies();
  auto which = chance.below(policies.size() + 1);
  auto name
    = which == policies.size()
        ? std::string{"journal"}
        : std::next(policies.begin(), static_cast<std::ptrdiff_t>(which))
            ->first;
  outages = {{name, static_cast<outage_kind>(chance.below(4)),
              chance.between(ms{0}, ms{12'000}), ms{600'000}}};
  healed_at = outages.front().from + outages.front().length;
}

scenario::scenario(std::uint64_t number) : seed(number), chance(number) {
  rules.park_timeout = ms{600'000};
  cache = chance.one_in(2);
  window = chance.one_in(2) ? 64 : chance.between(1, 3);
  healed_at = chance.between(ms{30'000}, ms{120'000});
  draw_jobs();
  if (chance.one_in(10)) {
    draw_one_outage();
    return;
  }
  has = troubles{chance};
  policies = draw_policies(chance);
  draw_own_policies();
  if (has.has(trouble::few_places))
    places = chance.between(6, 9) + policies.size() - default_policies().size();
  rules.max_degraded_ratio = static_cast<double>(chance.below(5)) / 4;
  draw_outages();
}

} // namespace dubber::sim
