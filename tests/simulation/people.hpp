#pragma once

#include "actors/coordinator.hpp"
#include "tests/simulation/sim_gateway.hpp"

namespace dubber::sim {

/// Those who want something of the orchestrator: the gateway's messages and
/// callers that ask until they are answered, operators with their wishes, and
/// the curious.
class people {
public:
  people(scenario& plan, trace& log, test::timeline& time, referee& judge,
         sim_gateway& rows);

  /// The process is up: where requests go. Those without an answer are made
  /// again, as a broker delivers again what was not acknowledged.
  void open(coordinator& doors);

  /// The process is down.
  void close() {
    doors_ = nullptr;
  }

  /// Whether everybody has got what they came for.
  bool are_content() const;

  /// From now on nobody has wishes but that paused jobs go on.
  void heal();

private:
  class request;
  struct wanted {
    std::int64_t job_id = 0;
    bool missed = false; ///< asked while the process was down
    bool taken = false;  ///< accepted or rejected
  };

  std::shared_ptr<request> begin_request(std::string name);
  void ask_for(wanted& job);
  void on_intake(wanted& job, const intake_answer& answer);
  void wish(std::int64_t job_id, control_verb what);
  segment_edit some_edit(std::int64_t job_id);
  std::string some_pipeline(std::int64_t job_id);
  void restart(std::int64_t job_id);
  void look(std::int64_t job_id);
  void plan_wishes();
  void plan_hands();
  void order(const std::string& service, order_verb what);
  void give_back();
  void be_hasty(const job_record& about);
  void do_wish(std::int64_t job_id, control_verb what);
  void plan_changes_at_gateway();
  void plan_looks();
  void resume_paused();

  scenario& plan_;
  trace& log_;
  test::timeline& time_;
  referee& judge_;
  sim_gateway& rows_;
  coordinator* doors_ = nullptr;
  std::map<std::int64_t, wanted> wanted_;
  /// Services whose last order is not `auto`, or not answered: its number.
  std::map<std::string, int> in_hand_;
  int orders_ = 0;
  int wishes_ = 0;
  bool healed_ = false;
};

} // namespace dubber::sim
