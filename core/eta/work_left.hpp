#pragma once

#include "core/eta/own_costs.hpp"
#include "core/job/state.hpp"

#include <cstdint>

namespace dubber {

/// What a job still needs, by kind of work: expected, as far as it is not
/// known. Small: one is kept for each job that runs.
struct work_left {
  by_kind<float> cost{};          ///< seconds of calls
  by_kind<std::uint16_t> calls{}; ///< at most 65,535
  /// The first kind that is not done.
  work_kind at = work_kind::fetch;
  /// No segment has gone through all stages yet: the first one goes alone.
  bool pioneer = true;
  bool length_known = false;
  /// Its `http` stages, one after the other: seconds, and whose calls they are
  /// (`own_costs::bit`).
  float own = 0;
  std::uint64_t own_services = 0;
  bool at_own = false; ///< one of them is the first stage that is not done

  double of(work_kind kind) const {
    return cost[index_of(kind)];
  }
  double one(work_kind kind) const {
    auto n = calls[index_of(kind)];
    return n == 0 ? 0 : cost[index_of(kind)] / static_cast<float>(n);
  }

  bool operator==(const work_left&) const = default;
};

work_left work_left_of(const job_state& state, const call_costs& costs,
                       const own_costs& own = {});

/// A job of which nothing is done, as long as usual.
work_left usual_work(const call_costs& costs);

} // namespace dubber
