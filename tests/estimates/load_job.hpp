#pragma once

#include "core/job/state.hpp"
#include "tests/estimates/load_play.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace dubber::test {

/// A job of a simulated load.
struct playing_job {
  job_state state;
  int index = 0;
  double media = 0;
  double pace = 1;
  std::set<work_ref> running;
  std::map<work_ref, bool> live; ///< whether its call is open
  double progress = 0;
  std::vector<std::pair<time_point, one_look>> looks;

  bool calls() const {
    return std::any_of(live.begin(), live.end(),
                       [](auto& x) { return x.second; });
  }

  /// Attempts of the work that failed.
  int failures(work_ref work) const {
    auto retry = state.stages[work.stage].retry_of(work.item);
    return retry ? retry->failed_attempts : 0;
  }

  /// Seconds of media that a call for it is about.
  double media_of(work_ref work) const {
    switch (state.plan->stages[work.stage].kind) {
    case work_kind::fetch:
    case work_kind::translate:
      return 0;
    case work_kind::transcribe:
      return state.spans[work.item].length();
    case work_kind::speak:
      return media / state.segments;
    default:
      return media;
    }
  }
};

} // namespace dubber::test
