#pragma once

#include "actors/coordinator.hpp"
#include "actors/retention.hpp"
#include "clients/object_store.hpp"
#include "core/call_pool.hpp"
#include "core/job/machine.hpp"
#include "core/policy.hpp"
#include "metrics/probe.hpp"
#include "tests/support/flaky_journal.hpp"
#include "tests/support/scripted_gateway.hpp"
#include "tests/support/scripted_worker.hpp"

#include <memory>

namespace dubber::test {

/// Counts what the actors say of themselves.
class counting_probe : public probe {
public:
  void actor_restarted(std::string_view kind) override {
    ++restarts[std::string{kind}];
  }
  void report_ended(std::string_view outcome) override {
    ++reports[std::string{outcome}];
    if (on_report_ended)
      on_report_ended();
  }
  void stage_ended(std::string_view stage, std::string_view, ms) override {
    if (on_stage_ended)
      on_stage_ended(stage);
  }
  void gate_changed(std::string_view service, const gate_reading& is) override {
    gates[std::string{service}] = is;
    if (on_gate_changed)
      on_gate_changed(service, is);
  }
  void endpoint_changed(std::string_view service, std::string_view url,
                        bool is_left_out) override {
    left_out[std::string{service} + " " + std::string{url}] = is_left_out;
  }
  void journal_committed(std::size_t, ms) override {
    if (on_committed)
      on_committed();
  }
  void job_taken_up(std::string_view state) override {
    ++jobs[std::string{state}];
  }
  void job_let_go(std::string_view state) override {
    --jobs[std::string{state}];
  }
  void job_state_changed(std::string_view from, std::string_view to) override {
    if (!from.empty())
      job_let_go(from);
    job_taken_up(to);
  }

  void jobs_to_take_up(std::size_t n) override {
    left.push_back(n);
    if (on_left)
      on_left(n);
  }

  std::vector<std::size_t> left; ///< to be taken up, each time it was said
  void segment_degraded(std::string_view stage, std::string_view how) override {
    ++degraded[std::string{stage} + " " + std::string{how}];
  }
  void chunk_halved() override {
    ++halved;
  }
  void segment_edited() override {
    ++edited;
  }

  void cache_asked(std::string_view how) override {
    ++cache[std::string{how}];
  }
  void results_kept(std::uint64_t results, std::uint64_t bytes,
                    std::uint64_t) override {
    kept = results;
    kept_bytes = bytes;
  }

  std::map<std::string, int> cache; ///< by outcome
  std::uint64_t kept = 0;
  std::uint64_t kept_bytes = 0;
  std::map<std::string, int> degraded; ///< by stage and how
  int halved = 0;
  int edited = 0;
  std::map<std::string, int> restarts;
  std::map<std::string, int> reports;
  /// Called inside a job actor; may throw as a bug would.
  std::function<void(std::string_view)> on_stage_ended;
  /// The same, inside a gate …
  std::function<void(std::string_view, const gate_reading&)> on_gate_changed;
  std::function<void(std::size_t)> on_left; ///< … inside the manager …
  /// … inside the reporter …
  std::function<void()> on_report_ended;
  /// … and inside the journal writer.
  std::function<void()> on_committed;
  std::map<std::string, gate_reading> gates; ///< as they last said it
  std::map<std::string, int> jobs;           ///< live, by state
  std::map<std::string, bool> left_out;      ///< by service and URL
};

/// Policies without dice: four attempts, pauses of exactly 1, 2, 4 seconds.
service_policies plain_policies();

/// The whole tree of actors in virtual time between doubles. What is not an
/// actor (journal, neighbours) outlives `stop` and the next `start`. Knows
/// nothing of CAF outside its source, for the sake of build times.
class coordinator_play {
public:
  coordinator_play();
  ~coordinator_play();

  /// Begins as the program does: takes up what is unfinished.
  void start();

  /// All actors end at once, in the middle of whatever they do.
  void stop();

  /// Lets time pass; everything happens at its very moment.
  void advance(ms length);

  /// Lets all actors handle what they have; no time passes.
  void run();

  /// Asks for a job that the gateway has.
  void begin(std::int64_t job_id);

  /// The same for jobs 1 to `last`.
  void begin_all(std::int64_t last);

  /// Sends the wish only; the answer comes to `answers`.
  void ask_intake(std::int64_t job_id);

  /// A person's wish, and what comes back when it is on record.
  control_answer control(std::int64_t job_id, control_verb what,
                         const std::string& stage = {});

  /// Sends the command; what comes back, if anything has by now.
  std::shared_ptr<std::optional<control_answer>>
  give(const control_command& command);

  /// No more intake from now on.
  void begin_stop();

  /// The job as it shows itself; throws when there is no such job.
  job_view view(std::int64_t job_id);

  /// The first hundred.
  std::vector<segment_view> segments(std::int64_t job_id);

  query_answer ask(const job_query& query);

  job_status status(std::int64_t job_id) {
    return view(job_id).row.status;
  }

  /// As the journal has it, also while no actor answers.
  job_status status_on_record(std::uint64_t job_no);

  service_view service(const std::string& name);

  /// A person's order to a service's breaker; nothing while it waits.
  std::optional<order_answer> order(const std::string& service,
                                    order_verb what);

  /// As when the policy file was read again.
  void change_policies(service_policies to);

  /// As `/readyz` says it; empty when all is well.
  std::string journal_trouble() const;

  /// What the journal has of a job of ours.
  std::vector<event> history(std::uint64_t job_no);

  template <class Event>
  std::vector<Event> facts(std::uint64_t job_no) {
    std::vector<Event> out;
    for (auto& x : history(job_no))
      if (auto fact = std::get_if<Event>(&x.body))
        out.push_back(*fact);
    return out;
  }

  timeline time;
  scripted_worker workers{time};
  scripted_gateway told{time};
  flaky_journal store;
  counting_probe metrics;
  service_policies policies = plain_policies();
  job_rules rules;
  retention_policy keep;
  object_store* files = nullptr;
  std::size_t window = 64;
  std::size_t max_open_jobs = 1'000;
  std::size_t max_open_calls = default_open_calls;
  std::vector<intake_answer> answers;
  std::string broken; ///< why the supervisor gave up

private:
  struct running;
  std::unique_ptr<running> running_;
};

} // namespace dubber::test
