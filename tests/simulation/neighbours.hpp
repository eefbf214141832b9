#pragma once

#include "tests/simulation/sim_gateway.hpp"

namespace dubber::sim {

/// All workers of the simulated world: they answer, late, wrongly or not at
/// all.
class neighbours : public worker {
public:
  neighbours(scenario& plan, trace& log, test::timeline& time, referee& judge,
             sim_gateway& rows);

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

  /// The process is dead: nobody waits for the calls that are open, and none
  /// begins.
  void orphan_all() {
    ++life_;
    alive_ = false;
  }

  void revive() {
    alive_ = true;
  }

  void set_down(const std::string& service, outage_kind how, time_point until) {
    down_[service] = {how, until};
  }

  /// Nothing goes wrong any more but what can never work.
  void heal() {
    healed_ = true;
    down_.clear();
  }

private:
  struct fate {
    ms after{0};
    std::optional<fault> error;
    bool odd = false;      ///< what needs mending
    bool confused = false; ///< a result of another kind
  };
  struct call;
  struct downtime {
    outage_kind how = outage_kind::refuses;
    time_point until;
  };

  // -- neighbours_fate.cpp
  void draw_habits();
  fate fate_of(const work_order& order, const attempt_info& info);
  std::optional<fate> permanent(const work_order& order,
                                const attempt_info& info);
  std::optional<fate> of_service(const work_order& order,
                                 const attempt_info& info);
  std::optional<fate> passing(const work_order& order,
                              const attempt_info& info);
  std::optional<fate> refusal(const work_order& order);
  fate broken(outage_kind how, const attempt_info& info);
  fate good(const work_order& order, const attempt_info& info);
  bool strikes(trouble what, std::uint64_t n);

  result<work_result> answer_to(const work_order& order, const fate& end);
  void end(const std::shared_ptr<call>& call);

  scenario& plan_;
  trace& log_;
  test::timeline& time_;
  referee& judge_;
  sim_gateway& rows_;
  time_point begin_;
  std::map<std::string, downtime> down_;
  /// Work that goes on here though nobody waits for it.
  std::map<std::string, time_point> busy_until_;
  std::uint64_t life_ = 0;
  bool alive_ = false;
  bool healed_ = false;

  // What can never work.
  std::int64_t bad_job_ = 0;
  std::string bad_stage_;
  std::uint32_t bad_item_ = 0;
  fault_code bad_code_ = fault_code::refused;
  std::int64_t silent_film_ = 0;
  std::int64_t unknown_job_ = 0;
  double chokes_above_ = 1e9; ///< seconds of sound
  // Habits of single services.
  std::string flaps_;
  ms flap_length_{0};
  std::string slows_;
  std::string bad_url_;
};

} // namespace dubber::sim
