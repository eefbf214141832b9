#pragma once

#include "journal/memory_journal.hpp"
#include "tests/simulation/referee.hpp"

namespace dubber::sim {

/// The journal of the simulated world: outlives the process, shows the referee
/// all that gets into it, and is away at times.
class sim_journal : public memory_journal {
public:
  sim_journal(scenario& plan, trace& log, test::timeline& time, referee& judge)
    : plan_(plan), log_(log), time_(time), judge_(judge) {
    // nop
  }

  using journal::commit;
  result<std::vector<append_outcome>>
  commit(std::span<const journal_append* const> batch) override;
  result<std::vector<stored_event>> read(std::uint64_t job_no,
                                         std::uint64_t after_seq,
                                         std::size_t limit) override;
  result<std::vector<job_row>> list(const row_filter& filter,
                                    std::uint64_t before,
                                    std::size_t limit) override;

  result<std::optional<work_result>>
  find_result(const std::string& key) override;

  void set_down_until(time_point t) {
    down_until_ = t;
  }

  /// Whether there is a process: a dead one writes nothing more.
  void set_alive(bool alive) {
    alive_ = alive;
  }

  void heal() {
    healed_ = true;
    down_until_ = {};
  }

  /// Rows of jobs that have not ended or owe a report.
  std::vector<job_row> unfinished();

private:
  bool fails(trouble what, std::uint64_t n);

  scenario& plan_;
  trace& log_;
  test::timeline& time_;
  referee& judge_;
  time_point down_until_;
  bool alive_ = false;
  bool healed_ = false;
};

} // namespace dubber::sim
