#pragma once

#include "tests/simulation/people.hpp"
#include "tests/simulation/process.hpp"

namespace dubber::sim {

/// What became of one seed.
struct verdict_of_seed {
  std::uint64_t seed = 0;
  std::string broken; ///< the first broken promise; empty: none
  std::uint64_t trace = 0;
  std::uint64_t steps = 0;
  int crashes = 0;
  std::map<job_status, int> ended;
};

/// The world of one seed: the orchestrator, life after life, among neighbours,
/// people and a journal. Time is virtual; the seed decides who acts next.
class simulation {
public:
  explicit simulation(std::uint64_t seed,
                      std::function<void(std::string_view)> echo = nullptr);
  ~simulation();

  verdict_of_seed run();

private:
  void start();
  void die(ms down_for);
  void stop_in_order();
  void turn();
  void pass_time();
  void disturb(const std::vector<std::size_t>& ready);
  void plan_outages();
  void read_policy_again();
  void heal();
  bool is_over();
  void check_rest();

  scenario plan_;
  trace log_;
  test::timeline time_;
  referee judge_{plan_, log_, time_};
  sim_gateway told_{plan_, log_, time_, judge_};
  neighbours workers_{plan_, log_, time_, judge_, told_};
  sim_journal store_{plan_, log_, time_, judge_};
  probe metrics_;
  people people_{plan_, log_, time_, judge_, told_};
  std::unique_ptr<process> process_;
  dice order_; ///< who acts next
  time_point begin_;
  bool healed_ = false;
  bool must_die_ = false; ///< stopped in order
  int crashes_ = 0;
  std::uint64_t steps_ = 0;
};

} // namespace dubber::sim
