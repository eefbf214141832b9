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
  int priority = 0;
  std::int64_t film = 0; ///< jobs of one film differ by their language
  ms asked_at{0};
  std::string pipeline = {}; ///< empty: the shipped one
  /// Who posts the job says which; else the gateway does.
  bool names_it = false;
};

/// How a neighbour is down.
enum class outage_kind { refuses, hangs, breaks, is_busy };

/// For so long one neighbour, or the journal, is away.
struct outage {
  std::string of; ///< a service, or `journal`
  outage_kind how = outage_kind::refuses;
  ms from{0};
  ms length{0};
};

/// Everything a seed decides before the first step.
struct scenario {
  explicit scenario(std::uint64_t seed);

  std::uint64_t seed;
  dice chance; ///< for what is decided on the way
  troubles has;
  std::vector<wanted_job> jobs;
  service_policies policies;
  /// Beside the shipped one, those of users' own that this seed has.
  std::shared_ptr<const pipeline_book> book
    = std::make_shared<const pipeline_book>();
  job_rules rules;
  std::size_t window = 64;
  std::size_t places = 2'000; ///< MAX_OPEN_CALLS
  bool cache = false;         ///< results are kept for other jobs
  std::vector<outage> outages;
  /// Nothing happens but one outage of ten minutes, under the shipped policies:
  /// nobody may notice.
  bool one_outage = false;
  /// From then on nothing goes wrong any more, and all has to come to its end.
  ms healed_at{0};

  const pipeline_ptr& plan_of(std::int64_t job_id) const;

private:
  void draw_jobs();
  void draw_own_pipelines();
  void draw_own_policies();
  void draw_languages();
  void draw_outages();
  void draw_one_outage();
};

/// The same policies with other limits, breakers and budgets: what a policy
/// file that was read again may say.
service_policies changed(service_policies policies, dice& by);

/// Longest time after the healing until every job has ended.
inline constexpr ms patience{3'600'000};

} // namespace dubber::sim
