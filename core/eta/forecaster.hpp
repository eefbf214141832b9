#pragma once

#include "core/eta/past_errors.hpp"

#include <unordered_map>
#include <vector>

namespace dubber {

/// How long jobs will still take. Hears of every change of every running job,
/// of every call that succeeded, and of jobs that end; says `left` at any time,
/// from sums (microseconds, however many jobs there are).
///
///   expected time (way.hpp)   from the costs of calls (call_costs.hpp), what
///                             the job needs (work_left.hpp) and what goes
///                             before it (backlog.hpp)
///   p50, p90                  that, times how far off it was with others
///                             (past_errors.hpp)
///
/// To learn how far off it is, it looks at jobs now and then as a person would,
/// at moments that depend on nothing, and compares when they end. Nothing is
/// known of a job that does not run, or that needs a service which is down:
/// nobody knows for how long. Times before such a hold count when the job ends,
/// those before a job was paused, parked or begun anew do not.
class forecaster {
public:
  struct memory {
    call_costs::memory costs;
    past_errors::memory errors;
    own_costs::memory own = {};

    bool operator==(const memory&) const = default;
  };

  /// What was said of a job at a moment, as it turned out.
  struct verdict {
    bool within_p50 = false;
    bool within_p90 = false;
  };

  void set_room(const service_room& room) {
    room_ = room;
  }
  const service_room& room() const {
    return room_;
  }

  /// A call succeeded.
  void saw_call(work_kind kind, double media_seconds, ms took);

  /// The same, of an `http` stage.
  void saw_own_call(const std::string& service, double media_seconds, ms took);

  /// See `own_costs`.
  void set_own_service(const std::string& service, const std::string& key,
                       int at_once, bool held);

  /// The job runs, with this on record now.
  /// @param calling Whether one of its calls is open.
  void changed(const job_state& job, bool calling, time_point now);

  /// A call of the job has left, or none is open any more.
  void calling(std::uint64_t job_no, bool is, time_point now);

  /// The job is completed. @returns How good the times were that were said.
  std::vector<verdict> completed(const job_state& job, time_point now);

  /// The job does not run any more; what was said of it is void.
  void forget(std::uint64_t job_no, time_point now);

  std::optional<time_left> left(std::uint64_t job_no, time_point now) const;

  const call_costs& costs() const {
    return costs_;
  }

  memory remembered() const {
    return {costs_.remembered(), errors_.remembered(), own_.remembered()};
  }
  void restore(memory from);

private:
  struct entry {
    backlog::who who;
    work_left left;
    std::optional<time_point> called_at;
    std::uint32_t run = 1;
    std::size_t place = 0; ///< in `order_`
  };
  /// What was said once in each phase, at a moment drawn evenly.
  struct look {
    std::uint32_t looks = 0; ///< so far; one of them is kept
    std::uint8_t cls = 0;
    time_point at;
    float expected = 0;
    time_left said;
  };
  using looks = std::array<look, past_errors::phases>;

  way way_to_end(const entry& job, time_point now) const;
  void look_around(time_point now);
  void plan_look(time_point after, ms apart);
  void look_at(const entry& job, time_point at);
  void drop(std::unordered_map<std::uint64_t, entry>::iterator i);
  std::uint64_t draw();

  service_room room_;
  call_costs costs_;
  own_costs own_;
  past_errors errors_;
  mutable backlog others_; ///< all; `way_to_end` takes one out for a moment
  std::unordered_map<std::uint64_t, entry> jobs_;
  std::vector<std::uint64_t> order_; ///< keys of `jobs_`, to draw one
  std::unordered_map<std::uint64_t, looks> looks_;
  time_point changed_;   ///< when anything changed last
  time_point next_look_; ///< after that
  std::uint64_t dice_ = 1;
};

} // namespace dubber
