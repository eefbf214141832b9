#pragma once

#include "core/work.hpp"
#include "tests/simulation/job_record.hpp"

#include <algorithm>
#include <tuple>

namespace dubber::sim {

/// Results that jobs use of each other, as README promises it: what somebody
/// has made is not made again, and who needs the same at once makes one call.
/// What is "the same" is written here anew, without a look at `result_key`.
class sharing {
public:
  /// Job, run, stage, item.
  using work
    = std::tuple<std::uint64_t, std::uint32_t, std::string, std::uint32_t>;

  /// @param on Whether there is a cache. @param strict Whether it can be read
  /// always.
  sharing(bool on, bool strict) : on_(on), strict_(strict) {
    // nop
  }

  // Each says what is wrong; nothing: all is well.

  /// A call leaves.
  std::string on_call(const work& who, const work_order& order,
                      const job_record& record, time_point now);
  /// It has ended, one way or the other.
  void on_call_over(const work& who) {
    open_.erase(who);
  }
  std::string on_fact(const work& who, const ev::item_completed& x,
                      time_point now);

  /// The job has come to something else: calls of it may be about to end.
  void on_change(std::uint64_t job_no, time_point now) {
    changed_[job_no] = now;
  }

  /// A stored file is gone: so may be all that was kept.
  void on_lost() {
    kept_.clear();
  }
  void on_death(time_point now) {
    last_death_ = now;
  }
  void on_crash() {
    open_.clear();
  }

private:
  struct call {
    std::string needs; ///< the same text: the same result
    bool fresh = false;
  };

  bool on_;
  bool strict_;
  std::map<work, call> open_;
  std::map<work, call> last_;
  std::map<std::string, time_point> kept_; ///< on record since
  std::map<std::uint64_t, time_point> changed_;
  std::vector<work_result> results_; ///< of calls, on record
  std::optional<time_point> last_death_;
};

} // namespace dubber::sim
