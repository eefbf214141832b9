#pragma once

#include "actors/boards.hpp"
#include "actors/call_places.hpp"
#include "actors/coordinator.hpp"
#include "actors/forecasts.hpp"
#include "core/job/progress.hpp"
#include "core/small_map.hpp"
#include "core/work_wait.hpp"

namespace dubber {

/// Why nothing can be done with a job whose pipeline is not known.
fault pipeline_missing(const job_state& state);

/// What is known of running work besides the facts.
struct live_work {
  int attempt = 0;
  work_wait waits = work_wait::nothing;
  bool told = false;      ///< the call has ended, and how is known
  bool dismissed = false; ///< its actor is about to end; no news of it count
  std::optional<time_point> until
    = {}; ///< when the wait ends, if that is known

  bool is_called() const {
    return waits == work_wait::nothing && !told;
  }
};

using live_map = small_map<work_ref, live_work>;

/// A job as it is shown.
job_view view_of(const job_state& state, const live_map& live,
                 const stage_weights& weights = first_weights());

/// Shows how long the job will still take, if that is known.
void show_time_left(job_view& view, const forecast_board& forecasts,
                    time_point now);

/// A wait for a service that is down is a hold, if that lasts longer; the
/// setting is named where it is MAX_OPEN_CALLS that work waits for.
void explain(std::optional<waiting_view>& wait, const hold_board& holds,
             const call_places& calls);

/// What the whole job waits for, whatever its stages do: the journal, a person,
/// the gateway that has to be told. Nothing: what its stages wait for counts.
/// @param report_again When the gateway is told again, after a failure.
std::optional<waiting_view> other_wait(const job_state& state,
                                       const hold_board& holds,
                                       bool journal_away,
                                       std::optional<time_point> report_again);

/// The segments that are asked for. `not_found`: the job has no such language.
result<segments_page> segments_of(const job_state& state, const live_map& live,
                                  const job_query& query);

/// A line for people: what the job is doing.
std::string activity_of(const job_state& state);

/// "2m 10s"; the two largest units.
std::string human_duration(double seconds);

} // namespace dubber
