#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dubber {

/// How a service's gate stands.
struct gate_reading {
  std::string_view breaker; ///< its state
  std::size_t waiting = 0;
  std::size_t running = 0;
  int max_concurrent = 0;
  std::size_t retries_running = 0;
  std::size_t retries_allowed = 0;
  // In the breaker's window.
  int calls = 0;
  int failed = 0;
  int slow = 0;
};

/// What the program says of itself, as verbs. Called after a decision, from any
/// thread; cheap. This base class says nothing (tests).
class probe {
public:
  virtual ~probe() = default;

  /// A job has an actor from now on, and the state that it had.
  virtual void job_taken_up(std::string_view state) {
    (void)state;
  }
  /// Its actor is gone: nothing is left to do, or it died.
  virtual void job_let_go(std::string_view state) {
    (void)state;
  }
  /// @param from Empty: the job is new.
  virtual void job_state_changed(std::string_view from, std::string_view to) {
    (void)from, (void)to;
  }
  virtual void stage_ended(std::string_view stage, std::string_view outcome,
                           ms took) {
    (void)stage, (void)outcome, (void)took;
  }
  /// @param reason `ok` or the fault's code.
  virtual void attempt_ended(std::string_view service,
                             std::string_view reason) {
    (void)service, (void)reason;
  }
  /// A failed attempt that was not charged: the service is down.
  virtual void attempt_forgiven(std::string_view service) {
    (void)service;
  }
  /// One of several base URLs is left out, or used again.
  virtual void endpoint_changed(std::string_view service, std::string_view url,
                                bool left_out) {
    (void)service, (void)url, (void)left_out;
  }
  /// @param usual What 19 of 20 calls without any media need.
  virtual void speed_learned(std::string_view service, ms usual) {
    (void)service, (void)usual;
  }
  /// A job is completed of which a time left was shown at some moment: whether
  /// it took no longer than that.
  virtual void time_left_judged(bool within_p50, bool within_p90) {
    (void)within_p50, (void)within_p90;
  }
  virtual void segment_degraded(std::string_view stage, std::string_view how) {
    (void)stage, (void)how;
  }
  virtual void chunk_halved() {}
  virtual void segment_edited() {}
  virtual void permit_waited(std::string_view service, ms took) {
    (void)service, (void)took;
  }
  virtual void gate_changed(std::string_view service, const gate_reading& is) {
    (void)service, (void)is;
  }
  /// Over all services.
  virtual void open_calls(std::size_t open, std::size_t limit) {
    (void)open, (void)limit;
  }
  /// Unfinished jobs of the journal that have not been taken up yet.
  virtual void jobs_to_take_up(std::size_t left) {
    (void)left;
  }
  virtual void journal_committed(std::size_t appends, ms took) {
    (void)appends, (void)took;
  }
  virtual void journal_failed() {}
  virtual void histories_pruned(std::size_t jobs) {
    (void)jobs;
  }
  virtual void artifacts_removed(std::size_t files, std::uint64_t bytes) {
    (void)files, (void)bytes;
  }
  /// @param how `hit`, `shared` (somebody else's call), `miss`, `passed_over`.
  virtual void cache_asked(std::string_view how) {
    (void)how;
  }
  virtual void results_kept(std::uint64_t results, std::uint64_t bytes,
                            std::uint64_t removed) {
    (void)results, (void)bytes, (void)removed;
  }
  virtual void report_ended(std::string_view outcome) {
    (void)outcome;
  }
  /// @param role `intake`, `events`, `tasks` or `results`.
  virtual void broker_connected(std::string_view role, bool is) {
    (void)role, (void)is;
  }
  /// @param outcome `taken`, `known`, `rejected` (by the gateway), `dead`,
  /// `later`.
  virtual void broker_message(std::string_view outcome) {
    (void)outcome;
  }
  virtual void broker_published(std::size_t events) {
    (void)events;
  }
  /// @param name The task's. @param outcome See `celery_observer`.
  virtual void celery_task(std::string_view name, std::string_view outcome) {
    (void)name, (void)outcome;
  }
  /// Tasks whose results are waited for.
  virtual void celery_waiting(std::size_t tasks) {
    (void)tasks;
  }
  virtual void actor_restarted(std::string_view kind) {
    (void)kind;
  }
  virtual void http_request_ended(std::string_view route,
                                  std::string_view method, int status,
                                  ms took) {
    (void)route, (void)method, (void)status, (void)took;
  }
  /// The policy file was read: it counts now, or has mistakes.
  virtual void policy_read(bool counts) {
    (void)counts;
  }
  virtual void http_in_flight(int n) {
    (void)n;
  }
  virtual void client_call_ended(std::string_view host, int status, ms took) {
    (void)host, (void)status, (void)took;
  }
  virtual void client_connections(std::string_view host, int open, int idle) {
    (void)host, (void)open, (void)idle;
  }
};

} // namespace dubber
