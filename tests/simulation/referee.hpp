#pragma once

#include "clients/gateway.hpp"
#include "clients/worker.hpp"
#include "tests/simulation/job_record.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/sharing.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/support/timeline.hpp"

#include <tuple>

namespace dubber::sim {

/// How long actors may act on what was so just before.
inline constexpr ms hearing{2'000};

/// Watches all that passes between the actors and the world, and says which
/// promise was broken first:
///
///   - the history of a job makes sense, fact by fact;
///   - nothing is called, told or answered that does not follow from facts that
///     are on record (persist, then act);
///   - no finished call is made again; only what was open, or not on record
///   yet,
///     when an actor or the process died;
///   - attempts keep within the policy, calls within the gate's limit;
///   - progress only grows; one final state is told, the one on record;
///   - every job ends, with a reason.
class referee {
public:
  referee(const scenario& plan, trace& log, const test::timeline& time)
    : plan_(plan), log_(log), time_(time),
      shared_(plan.cache, can_always_read(plan)) {
    on_policy();
  }

  /// The first broken promise; empty while all are kept.
  const std::string& broken() const {
    return broken_;
  }

  /// A promise: `text` says what is wrong when `kept` is false.
  void demand(bool kept, const std::string& text);

  // -- what happens
  // ----------------------------------------------------------------

  void on_fact(std::uint64_t job_no, const event& fact);
  void on_call(const work_order& order, const attempt_info& info);
  /// The answer is handed to the actors. @param sound Of the right kind.
  void on_answer(const work_order& order, const result<work_result>& outcome,
                 bool sound);
  /// Nobody waits for it any more.
  void on_call_given_up(const work_order& order);
  void on_gateway_call();
  void on_gateway_call_over();
  void on_patch(std::int64_t job_id, const gateway_update& update);
  /// The policy file was read again: what is open may be more than it allows.
  void on_policy();
  /// What the gate says to a call of this work that failed by the service's
  /// fault. @param holder Who is told: actors that begin anew know nothing.
  void on_judged(const work_order& order, std::uint64_t holder, bool down,
                 std::optional<time_point> failing_since);
  /// A restart that names another pipeline is asked for.
  void on_pipeline_named(std::int64_t job_id, const std::string& pipeline) {
    may_have_.insert({job_id, pipeline});
  }
  /// An actor died by a bug.
  void on_death();
  /// The whole process died.
  void on_crash();

  // -- the record
  // ------------------------------------------------------------------

  const std::map<std::uint64_t, job_record>& records() const {
    return records_;
  }

  /// The newest job of this id; nothing when there is none.
  const job_record* newest(std::int64_t job_id) const;

  /// Called with each job that has come to another status.
  std::function<void(const job_record&)> on_status;

  /// Whether an actor or the process died since then, or so shortly before that
  /// it may not have been noticed.
  bool death_since(time_point t) const {
    return last_death_ && *last_death_ >= t - hearing;
  }

  /// From now on nobody may call anything.
  void expect_silence() {
    silence_ = true;
  }

  /// All is over: is everything as it should be?
  /// @param rows What the gateway holds, of jobs whose row was left alone.
  void at_end(const std::map<std::int64_t, gateway_state>& rows);

private:
  using work = sharing::work;

  static bool can_always_read(const scenario& plan);
  void check_shared(const job_record& record, const event& fact);
  void check_kept(const job_record& record, const event& fact,
                  const ev::item_completed& x);
  job_record& record_of(std::uint64_t job_no);
  static work work_of(const work_order& order);
  void enter(const std::string& service);
  void check_attempt(const work_order& order, const attempt_info& info,
                     const job_record& record);
  void check_failure(const job_record& record, std::uint64_t job_no,
                     const event& fact, const ev::attempt_failed& x);
  void leave(const std::string& service);
  bool is_just_edited(const job_record& record, const work_order& order) const;
  bool is_wanted(const work& key, const job_record& record) const;
  bool close(const work& key);
  void forget_calls(const std::function<bool(const work&)>& which);
  void check_park(const job_record& record, const ev::job_parked& x);
  void check_may_park(const job_record& record, const std::string& stage,
                      std::uint32_t item, const fault& why);
  void check_may_fail(const job_record& record, const std::string& stage,
                      std::uint32_t item, const fault& why);
  void check_stopped(const job_record& record, const ev::language_stopped& x);
  bool is_about_languages(const job_record& record, const std::string& stage);
  void check_exhausted(const job_record& record, const std::string& stage,
                       std::uint32_t item, const fault& why);
  void check_end_of_work(const job_record& record, const event& fact);
  void check_charge(const work& key, const fault& why);
  void check_forgiven(const work& key, const job_record& record);
  void check_failed(const job_record& record, const ev::job_failed& x);
  void check_degraded(const job_record& record, const ev::item_degraded& x);
  void check_halved(const job_record& record, const ev::chunk_halved& x);
  const service_policy& policy_of(const job_record& record,
                                  const std::string& stage) const;
  /// Of the last call; null: it was not made, is open or ended well.
  const fault* last_fault_of(const work& key) const;
  /// How long failures of this kind are not charged while the service is down.
  ms forgiven_for(const work& key, fault_code code) const;
  void check_progress(std::int64_t job_id, const job_record& record,
                      int progress);
  void check_end(const job_record& record);
  void check_row(const job_record& record, const gateway_state& row);

  const scenario& plan_;
  trace& log_;
  const test::timeline& time_;
  std::string broken_;
  std::map<std::uint64_t, job_record> records_;
  std::map<work, int> open_;   ///< calls of this process
  std::map<work, int> called_; ///< number of the last call
  /// Answered well, and not on record when this was last looked at.
  std::set<work> answered_;
  std::map<std::string, int> busy_;
  struct progress_floor {
    std::uint64_t job_no = 0;
    std::uint32_t run = 0;
    int progress = 0;
  };
  std::map<std::int64_t, progress_floor> progress_;
  std::set<std::pair<std::int64_t, std::string>> may_have_; ///< pipelines
  /// What was said of the failures of one piece of work.
  struct judgement {
    std::uint64_t holder = 0;
    time_point at;
    bool down = false;
    bool only_failures = false;
    std::optional<time_point> down_since; ///< forgiven calls, in a row
    ms down_for{0};                       ///< before this one
    std::optional<time_point> failed_at;  ///< first
  };
  std::map<work, judgement> judged_;
  struct last_call {
    time_point at;
    std::optional<fault> error;
    bool may_be_halved = false;
  };
  std::map<work, last_call> last_;
  std::map<std::string, int> most_at_once_; ///< of all policies so far
  bool confused_ = false; ///< a worker answered with something else
  std::optional<time_point> last_death_;
  bool silence_ = false;
  sharing shared_;
};

} // namespace dubber::sim
