#pragma once

#include "actors/coordinator.hpp"
#include "actors/spawn.hpp"
#include "tests/simulation/gate_watch.hpp"
#include "tests/simulation/neighbours.hpp"
#include "tests/simulation/sim_journal.hpp"
#include "tests/support/virtual_system.hpp"

namespace dubber::sim {

/// The rim of one process of the orchestrator.
struct rim {
  scenario& plan;
  test::timeline& time;
  neighbours& workers;
  sim_gateway& told;
  sim_journal& store;
  probe& metrics;
  referee& judge;
};

/// One life of the orchestrator's process: the real actors, from the start to
/// the moment when it dies.
class process : public coordinator {
public:
  explicit process(const rim& world);
  ~process() override;

  void intake(intake_command command,
              std::function<void(intake_answer)> on_answer) override;
  void control(control_command command,
               std::function<void(control_answer)> on_answer) override;
  void ask(job_query query,
           std::function<void(query_answer)> on_answer) override;
  void ask(list_query query,
           std::function<void(query_answer)> on_answer) override;
  void services(std::function<void(services_view)> on_answer) override;
  void order(order_command command,
             std::function<void(order_answer)> on_answer) override;
  void keep(std::vector<note> notes,
            std::function<void(bool)> on_kept) override;
  readiness ready() const override;

  /// The policy file was read again.
  void follow(const service_policies& policies);

  /// No more intake; `on_flushed` when all that came before is on disk.
  void begin_stop(std::function<void()> on_flushed);

  // -- who runs next
  // ---------------------------------------------------------------

  /// Places in the queue of those actors that may handle a message now.
  std::vector<std::size_t> ready_actors() const;

  /// Has one of them handle one message.
  /// @returns Who it was: a number that is equal in equal runs.
  std::uint64_t step(std::size_t who);

  /// What the actor in this place is: `job`, `stage`, …
  std::string kind_of(std::size_t who) const;

  /// The actor in this place dies from a bug.
  void kill(std::size_t who);

  /// The thread of the journal's disk, or of its reader, is slow until then.
  void stall_disk(time_point until);
  void stall_reader(time_point until);

  /// Nobody can act before time passes.
  void rest() {
    watch_.at_rest();
  }

  /// When something is due next: a timer, a deed of the world, the end of a
  /// stall.
  std::optional<time_point> next() const;

  void set_time(time_point t) {
    system_.set_time(t);
  }

private:
  bool stalled(const caf::resumable* who) const;

  rim world_;
  test::virtual_system system_;
  context_ptr ctx_;
  actor_tree tree_;
  gate_watch watch_;
  std::map<const caf::resumable*, time_point> stalls_;
  const caf::resumable* disk_ = nullptr;
  const caf::resumable* reader_ = nullptr;
};

} // namespace dubber::sim
