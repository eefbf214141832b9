#pragma once

#include "metrics/labelled.hpp"

namespace dubber {

/// All metrics there are (docs/metrics.md); the verbs that feed them are the
/// catalogue's.
class metric_set : protected families {
protected:
  static constexpr std::array<std::string_view, 4> breaker_states{
    "closed", "open", "half_open", "forced_open"};

  /// Those of one gate, which change with each permit.
  struct gate_gauges {
    std::array<prometheus::Gauge*, breaker_states.size()> breaker;
    prometheus::Gauge* waiting;
    prometheus::Gauge* running;
    prometheus::Gauge* limit;
    prometheus::Gauge* retries;
    prometheus::Gauge* retries_allowed;
    prometheus::Gauge* calls;
    prometheus::Gauge* failed;
    prometheus::Gauge* slow;
  };

  gate_gauges& gauges_of(std::string_view service) {
    std::lock_guard lock{gates_mutex_};
    if (auto i = gates_.find(service); i != gates_.end())
      return i->second;
    gate_gauges made{{},
                     &gate_work_(service, "waiting"),
                     &gate_work_(service, "running"),
                     &gate_limit_(service),
                     &retries_(service, "running"),
                     &retries_(service, "allowed"),
                     &recent_(service, "any"),
                     &recent_(service, "failed"),
                     &recent_(service, "slow")};
    for (std::size_t i = 0; i < breaker_states.size(); ++i)
      made.breaker[i] = &breakers_(service, breaker_states[i]);
    return gates_.emplace(service, made).first->second;
  }

  labelled<prometheus::Gauge> jobs_{
    gauge("dubber_jobs", "Live jobs by state: those that have an actor"),
    {"state"}};
  labelled<prometheus::Counter> job_changes_{
    counter("dubber_job_changes_total", "Jobs that entered a state"),
    {"state"}};
  labelled<prometheus::Histogram> stages_{
    histogram("dubber_stage_duration_seconds", "From a stage's start to its "
                                               "end"),
    {"stage", "outcome"},
    slow};
  labelled<prometheus::Counter> attempts_{
    counter("dubber_attempts_total", "Attempts by service; reason is ok or "
                                     "the fault"),
    {"service", "reason"}};
  labelled<prometheus::Counter> forgiven_{
    counter("dubber_attempts_forgiven_total",
            "Failed attempts that were not charged: the service was down"),
    {"service"}};
  labelled<prometheus::Gauge> endpoints_{
    gauge("dubber_endpoint_left_out",
          "1 while a base URL is not used: it failed"),
    {"service", "url"}};
  labelled<prometheus::Gauge> speeds_{
    gauge("dubber_learned_call_seconds",
          "What 19 of 20 calls without media need; with media: times seconds "
          "+ 1"),
    {"service"}};
  labelled<prometheus::Counter> times_left_{
    counter("dubber_time_left_judged_total",
            "Times left that completed jobs had shown, by whether they took "
            "longer"),
    {"quantile", "outcome"}};
  labelled<prometheus::Counter> degraded_{
    counter("dubber_segments_degraded_total",
            "Segments that go without their speech"),
    {"stage", "how"}};
  prometheus::Counter& halved_
    = counter("dubber_chunks_halved_total",
              "Chunks of sound that were cut in two after a "
              "failure")
        .Add({});
  prometheus::Counter& edited_ = counter("dubber_segments_edited_total",
                                         "Segments given other words by people")
                                   .Add({});
  labelled<prometheus::Histogram> waits_{
    histogram("dubber_permit_wait_seconds", "Time in a gate's queue"),
    {"service"},
    slow};
  labelled<prometheus::Gauge> breakers_{
    gauge("dubber_breaker_state", "1 for the state a service's breaker has"),
    {"service", "state"}};
  labelled<prometheus::Gauge> gate_work_{
    gauge("dubber_gate_work", "Work waiting at a gate or running past it"),
    {"service", "state"}};
  labelled<prometheus::Gauge> gate_limit_{
    gauge("dubber_gate_limit", "Calls to a service at once, at most"),
    {"service"}};
  labelled<prometheus::Gauge> retries_{
    gauge("dubber_gate_retries",
          "Retries running, and how many the budget allows at this moment"),
    {"service", "state"}};
  labelled<prometheus::Gauge> recent_{
    gauge("dubber_breaker_window_calls",
          "Calls in a breaker's window: any, failed, slow"),
    {"service", "outcome"}};
  prometheus::Gauge& open_calls_
    = gauge("dubber_open_calls", "Calls that are open, over all services")
        .Add({});
  prometheus::Gauge& open_calls_limit_
    = gauge("dubber_open_calls_limit", "MAX_OPEN_CALLS").Add({});
  prometheus::Gauge& to_take_up_
    = gauge("dubber_jobs_to_take_up", "Unfinished jobs of the journal that are "
                                      "not taken up yet since the start")
        .Add({});
  prometheus::Histogram& commits_
    = histogram("dubber_journal_commit_seconds", "Duration of a commit")
        .Add({}, quick);
  prometheus::Histogram& batches_
    = histogram("dubber_journal_batch_appends", "Appends in a commit")
        .Add({}, buckets{1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000});
  prometheus::Counter& journal_failures_
    = counter("dubber_journal_failures_total", "Commits that failed").Add({});
  prometheus::Counter& pruned_ = counter("dubber_pruned_jobs_total",
                                         "Ended jobs whose history was removed")
                                   .Add({});
  prometheus::Counter& removed_
    = counter("dubber_artifacts_removed_total",
              "Artifacts that no job needed any more")
        .Add({});
  prometheus::Counter& removed_bytes_
    = counter("dubber_artifacts_removed_bytes_total", "Their bytes").Add({});
  labelled<prometheus::Counter> cache_asks_{
    counter("dubber_cache_asks_total", "Work by whether its result was there"),
    {"outcome"}};
  prometheus::Gauge& cache_results_
    = gauge("dubber_cache_results", "Results kept for other jobs").Add({});
  prometheus::Gauge& cache_bytes_
    = gauge("dubber_cache_bytes", "Their bytes, artifacts included").Add({});
  prometheus::Counter& cache_removed_
    = counter("dubber_cache_removed_total",
              "Kept results that were the longest unused, or too old")
        .Add({});
  labelled<prometheus::Counter> reports_{
    counter("dubber_reports_total", "Final states settled at the gateway"),
    {"outcome"}};
  labelled<prometheus::Gauge> broker_up_{
    gauge("dubber_broker_up",
          "1 while the connection to RabbitMQ, or of results to Redis, is in "
          "use"),
    {"role"}};
  labelled<prometheus::Counter> broker_failures_{
    counter("dubber_broker_failures_total",
            "Connections to RabbitMQ or Redis that ended, or were not made"),
    {"role"}};
  labelled<prometheus::Counter> broker_messages_{
    counter("dubber_broker_messages_total",
            "job.created messages by what became of them"),
    {"outcome"}};
  prometheus::Counter& broker_events_
    = counter("dubber_broker_events_total",
              "Events that RabbitMQ has confirmed")
        .Add({});
  labelled<prometheus::Counter> celery_tasks_{
    counter("dubber_celery_tasks_total",
            "Tasks of Celery's workers by what became of them"),
    {"task", "outcome"}};
  prometheus::Gauge& celery_waiting_
    = gauge("dubber_celery_waiting", "Tasks whose results are waited for")
        .Add({});
  labelled<prometheus::Counter> restarts_{
    counter("dubber_actor_restarts_total", "Actors started again after a bug"),
    {"kind"}};
  labelled<prometheus::Counter> policy_reads_{
    counter("dubber_policy_reads_total", "Times the policy file was read"),
    {"outcome"}};
  prometheus::Gauge& policy_since_
    = gauge("dubber_policy_loaded_timestamp_seconds",
            "When the policies that count were read")
        .Add({});
  labelled<prometheus::Histogram> requests_{
    histogram("dubber_http_request_duration_seconds", "Requests answered"),
    {"route", "method", "status"},
    quick};
  prometheus::Gauge& in_flight_
    = gauge("dubber_http_requests_in_flight", "Requests not yet answered")
        .Add({});
  labelled<prometheus::Histogram> calls_{
    histogram("dubber_client_call_duration_seconds", "Calls to neighbours"),
    {"host", "status"},
    slow};
  labelled<prometheus::Gauge> connections_{
    gauge("dubber_client_connections", "Connections to neighbours"),
    {"host", "state"}};

private:
  std::mutex gates_mutex_;
  std::map<std::string, gate_gauges, std::less<>> gates_; ///< by service
};

} // namespace dubber
