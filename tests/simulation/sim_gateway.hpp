#pragma once

#include "tests/simulation/referee.hpp"

namespace dubber::sim {

/// The API gateway of the simulated world: a table of rows, read and written
/// back whole, with all that can happen on the way to it.
class sim_gateway : public gateway {
public:
  sim_gateway(scenario& plan, trace& log, test::timeline& time, referee& judge);

  call_handle get(std::int64_t job_id, ms deadline,
                  std::function<void(result<gateway_state>)> on_end) override;
  call_handle patch(std::int64_t job_id, const gateway_update& update,
                    ms deadline,
                    std::function<void(result<done>)> on_end) override;

  /// The process is dead: nobody waits for the calls that are open (they go on
  /// here), and none begins.
  void orphan_all() {
    ++life_;
    alive_ = false;
  }

  void revive() {
    alive_ = true;
  }

  void put(std::int64_t job_id, std::string source);
  void remove(std::int64_t job_id);

  /// Until when nobody gets through.
  void set_down(outage_kind how, time_point until) {
    down_how_ = how;
    down_until_ = until;
  }

  /// Nothing goes wrong any more.
  void heal() {
    healed_ = true;
    down_until_ = {};
  }

  /// The source of a row; nothing when there is no such row.
  const gateway_state* row(std::int64_t job_id) const;

  /// Rows that nobody took away or exchanged.
  std::map<std::int64_t, gateway_state> untouched() const;

private:
  struct fate {
    ms answered;
    std::optional<fault> error;
    std::optional<ms> written; ///< unset: never
  };

  fate fate_of_patch(ms deadline);
  std::optional<fault> fault_of_get();
  std::optional<fault> fault_of_outage() const;
  bool strikes(trouble what, std::uint64_t n);
  void write_back(std::int64_t job_id, const gateway_update& update, ms at);
  template <class Answer>
  call_handle answer_at(ms at, std::int64_t job_id, Answer answer);

  scenario& plan_;
  trace& log_;
  test::timeline& time_;
  referee& judge_;
  /// The last call about a job that was answered.
  struct last_call {
    std::uint64_t life = 0;
    std::uint64_t job_no = 0;
    std::string what; ///< the status that was told; empty: a look
    bool ok = false;
    time_point sent;
    time_point at;
  };
  void check_pace(std::int64_t job_id, const std::string& what);
  void note_end(std::int64_t job_id, std::string what, bool ok,
                time_point sent);
  std::map<std::int64_t, last_call> last_;
  std::map<std::int64_t, gateway_state> rows_;
  std::set<std::int64_t> touched_;
  outage_kind down_how_ = outage_kind::refuses;
  time_point down_until_;
  std::uint64_t life_ = 0;
  bool alive_ = false;
  bool healed_ = false;
};

} // namespace dubber::sim
