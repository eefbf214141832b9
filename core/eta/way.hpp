#pragma once

#include "core/eta/backlog.hpp"

#include <string>

namespace dubber {

/// What the services let through.
struct service_room {
  by_kind<int> at_once{}; ///< calls; by kind of work
  /// Which kinds share a service: equal numbers.
  by_kind<std::uint8_t> service{};
  /// The service does not take work at the moment: its breaker is not closed.
  by_kind<bool> held{};
  std::uint64_t own_held = 0; ///< of services of `http` stages
};

/// A job on its way.
struct traveller {
  backlog::who who;
  work_left left;
  /// Seconds for which its newest call has been open; 0: none is.
  double called_for = 0;
};

struct way {
  double alone = 0; ///< seconds, if nobody else was there
  double all = 0;   ///< seconds, with what goes before it
};

/// The expected time to the job's end, were all calls as long as their mean.
/// Its kinds of work follow each other; each begins when the one before has
/// ended and what goes before it at its service is through. Translating and
/// speaking overlap. Its `http` stages come on top, without what goes before
/// them. @param others Without this job.
way way_of(const traveller& job, const backlog& others,
           const service_room& room);

/// Of each kind of work, if nobody else was there: seconds.
by_kind<double> lengths_of(const work_left& left, const service_room& room);

/// Whether something that the job still needs is held.
bool is_held(const work_left& left, const service_room& room);

} // namespace dubber
