#include "metrics/catalogue.hpp"

#include "metrics/broker_catalogue.hpp"

#include <prometheus/text_serializer.h>

#include <utility>

namespace dubber {

namespace {

using namespace prometheus;
class registered : public broker_catalogue {
public:
  std::string expose() const override {
    return TextSerializer{}.Serialize(registry_.Collect());
  }

  void job_taken_up(std::string_view state) override {
    jobs_.Add({{"state", std::string{state}}}).Increment();
  }

  void job_let_go(std::string_view state) override {
    jobs_.Add({{"state", std::string{state}}}).Decrement();
  }

  void job_state_changed(std::string_view from, std::string_view to) override {
    if (!from.empty())
      job_let_go(from);
    job_taken_up(to);
    job_changes_.Add({{"state", std::string{to}}}).Increment();
  }

  void stage_ended(std::string_view stage, std::string_view outcome,
                   ms took) override {
    stages_
      .Add({{"stage", std::string{stage}}, {"outcome", std::string{outcome}}},
           slow)
      .Observe(seconds(took));
  }

  void attempt_ended(std::string_view service,
                     std::string_view reason) override {
    attempts_
      .Add({{"service", std::string{service}}, {"reason", std::string{reason}}})
      .Increment();
  }

  void attempt_forgiven(std::string_view service) override {
    forgiven_.Add({{"service", std::string{service}}}).Increment();
  }

  void endpoint_changed(std::string_view service, std::string_view url,
                        bool left_out) override {
    endpoints_
      .Add({{"service", std::string{service}}, {"url", std::string{url}}})
      .Set(left_out ? 1 : 0);
  }

  void speed_learned(std::string_view service, ms usual) override {
    speeds_.Add({{"service", std::string{service}}}).Set(seconds(usual));
  }

  void time_left_judged(bool within_p50, bool within_p90) override {
    for (auto [quantile, within] :
         {std::pair{"0.5", within_p50}, std::pair{"0.9", within_p90}})
      times_left_
        .Add(
          {{"quantile", quantile}, {"outcome", within ? "within" : "beyond"}})
        .Increment();
  }

  void segment_degraded(std::string_view stage, std::string_view how) override {
    degraded_.Add({{"stage", std::string{stage}}, {"how", std::string{how}}})
      .Increment();
  }

  void chunk_halved() override {
    halved_.Increment();
  }

  void segment_edited() override {
    edited_.Increment();
  }

  void permit_waited(std::string_view service, ms took) override {
    waits_.Add({{"service", std::string{service}}}, slow)
      .Observe(seconds(took));
  }

  void gate_changed(std::string_view service, const gate_reading& is) override {
    const std::string name{service};
    auto set = [&name](Family<Gauge>& family, const char* label,
                       const char* value, auto n) {
      family.Add({{"service", name}, {label, value}})
        .Set(static_cast<double>(n));
    };
    for (auto state : {"closed", "open", "half_open", "forced_open"})
      set(breakers_, "state", state, is.breaker == state ? 1 : 0);
    set(gate_work_, "state", "waiting", is.waiting);
    set(gate_work_, "state", "running", is.running);
    gate_limit_.Add({{"service", name}}).Set(is.max_concurrent);
    set(retries_, "state", "running", is.retries_running);
    set(retries_, "state", "allowed", is.retries_allowed);
    set(recent_, "outcome", "any", is.calls);
    set(recent_, "outcome", "failed", is.failed);
    set(recent_, "outcome", "slow", is.slow);
  }

  void open_calls(std::size_t open, std::size_t limit) override {
    open_calls_.Set(static_cast<double>(open));
    open_calls_limit_.Set(static_cast<double>(limit));
  }

  void jobs_to_take_up(std::size_t left) override {
    to_take_up_.Set(static_cast<double>(left));
  }

  void journal_committed(std::size_t appends, ms took) override {
    commits_.Observe(seconds(took));
    batches_.Observe(static_cast<double>(appends));
  }

  void journal_failed() override {
    journal_failures_.Increment();
  }

  void histories_pruned(std::size_t jobs) override {
    pruned_.Increment(static_cast<double>(jobs));
  }

  void artifacts_removed(std::size_t files, std::uint64_t bytes) override {
    removed_.Increment(static_cast<double>(files));
    removed_bytes_.Increment(static_cast<double>(bytes));
  }

  void cache_asked(std::string_view how) override {
    cache_asks_.Add({{"outcome", std::string{how}}}).Increment();
  }

  void results_kept(std::uint64_t results, std::uint64_t bytes,
                    std::uint64_t removed) override {
    cache_results_.Set(static_cast<double>(results));
    cache_bytes_.Set(static_cast<double>(bytes));
    cache_removed_.Increment(static_cast<double>(removed));
  }

  void report_ended(std::string_view outcome) override {
    reports_.Add({{"outcome", std::string{outcome}}}).Increment();
  }

  void actor_restarted(std::string_view kind) override {
    restarts_.Add({{"kind", std::string{kind}}}).Increment();
  }

  void http_request_ended(std::string_view route, std::string_view method,
                          int status, ms took) override {
    requests_
      .Add({{"route", std::string{route}},
            {"method", std::string{method}},
            {"status", std::to_string(status)}},
           quick)
      .Observe(seconds(took));
  }

  void policy_read(bool counts) override {
    policy_reads_.Add({{"outcome", counts ? "applied" : "refused"}})
      .Increment();
    if (counts)
      policy_since_.SetToCurrentTime();
  }

  void http_in_flight(int n) override {
    in_flight_.Set(n);
  }

  void client_call_ended(std::string_view host, int status, ms took) override {
    calls_
      .Add({{"host", std::string{host}},
            {"status", status == 0 ? "none" : std::to_string(status)}},
           slow)
      .Observe(seconds(took));
  }

  void client_connections(std::string_view host, int open, int idle) override {
    const std::string name{host};
    connections_.Add({{"host", name}, {"state", "open"}}).Set(open);
    connections_.Add({{"host", name}, {"state", "idle"}}).Set(idle);
  }

private:
  Family<Gauge>& jobs_
    = gauge("dubber_jobs", "Live jobs by state: those that have an actor");
  Family<Counter>& job_changes_
    = counter("dubber_job_changes_total", "Jobs that entered a state");
  Family<Histogram>& stages_
    = histogram("dubber_stage_duration_seconds", "From a stage's start to its "
                                                 "end");
  Family<Counter>& attempts_
    = counter("dubber_attempts_total", "Attempts by service; reason is ok or "
                                       "the fault");
  Family<Counter>& forgiven_
    = counter("dubber_attempts_forgiven_total",
              "Failed attempts that were not charged: the service was down");
  Family<Gauge>& endpoints_ = gauge(
    "dubber_endpoint_left_out", "1 while a base URL is not used: it failed");
  Family<Gauge>& speeds_
    = gauge("dubber_learned_call_seconds",
            "What 19 of 20 calls without media need; with media: times seconds "
            "+ 1");
  Family<Counter>& times_left_
    = counter("dubber_time_left_judged_total",
              "Times left that completed jobs had shown, by whether they took "
              "longer");
  Family<Counter>& degraded_ = counter("dubber_segments_degraded_total",
                                       "Segments that go without their speech");
  Counter& halved_ = counter("dubber_chunks_halved_total",
                             "Chunks of sound that were cut in two after a "
                             "failure")
                       .Add({});
  Counter& edited_ = counter("dubber_segments_edited_total",
                             "Segments given other words by people")
                       .Add({});
  Family<Histogram>& waits_
    = histogram("dubber_permit_wait_seconds", "Time in a gate's queue");
  Family<Gauge>& breakers_
    = gauge("dubber_breaker_state", "1 for the state a service's breaker has");
  Family<Gauge>& gate_work_
    = gauge("dubber_gate_work", "Work waiting at a gate or running past it");
  Family<Gauge>& gate_limit_
    = gauge("dubber_gate_limit", "Calls to a service at once, at most");
  Family<Gauge>& retries_
    = gauge("dubber_gate_retries",
            "Retries running, and how many the budget allows at this moment");
  Family<Gauge>& recent_
    = gauge("dubber_breaker_window_calls",
            "Calls in a breaker's window: any, failed, slow");
  Gauge& open_calls_
    = gauge("dubber_open_calls", "Calls that are open, over all services")
        .Add({});
  Gauge& open_calls_limit_
    = gauge("dubber_open_calls_limit", "MAX_OPEN_CALLS").Add({});
  Gauge& to_take_up_
    = gauge("dubber_jobs_to_take_up", "Unfinished jobs of the journal that are "
                                      "not taken up yet since the start")
        .Add({});
  Histogram& commits_
    = histogram("dubber_journal_commit_seconds", "Duration of a commit")
        .Add({}, quick);
  Histogram& batches_
    = histogram("dubber_journal_batch_appends", "Appends in a commit")
        .Add({}, buckets{1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000});
  Counter& journal_failures_
    = counter("dubber_journal_failures_total", "Commits that failed").Add({});
  Counter& pruned_ = counter("dubber_pruned_jobs_total",
                             "Ended jobs whose history was removed")
                       .Add({});
  Counter& removed_ = counter("dubber_artifacts_removed_total",
                              "Artifacts that no job needed any more")
                        .Add({});
  Counter& removed_bytes_
    = counter("dubber_artifacts_removed_bytes_total", "Their bytes").Add({});
  Family<Counter>& cache_asks_ = counter(
    "dubber_cache_asks_total", "Work by whether its result was there");
  Gauge& cache_results_
    = gauge("dubber_cache_results", "Results kept for other jobs").Add({});
  Gauge& cache_bytes_
    = gauge("dubber_cache_bytes", "Their bytes, artifacts included").Add({});
  Counter& cache_removed_
    = counter("dubber_cache_removed_total",
              "Kept results that were the longest unused, or too old")
        .Add({});
  Family<Counter>& reports_
    = counter("dubber_reports_total", "Final states settled at the gateway");
  Family<Counter>& restarts_ = counter("dubber_actor_restarts_total",
                                       "Actors started again after a bug");
  Family<Counter>& policy_reads_
    = counter("dubber_policy_reads_total", "Times the policy file was read");
  Gauge& policy_since_ = gauge("dubber_policy_loaded_timestamp_seconds",
                               "When the policies that count were read")
                           .Add({});
  Family<Histogram>& requests_
    = histogram("dubber_http_request_duration_seconds", "Requests answered");
  Gauge& in_flight_
    = gauge("dubber_http_requests_in_flight", "Requests not yet answered")
        .Add({});
  Family<Histogram>& calls_
    = histogram("dubber_client_call_duration_seconds", "Calls to neighbours");
  Family<Gauge>& connections_
    = gauge("dubber_client_connections", "Connections to neighbours");
};

} // namespace

std::unique_ptr<catalogue> catalogue::make() {
  return std::make_unique<registered>();
}

} // namespace dubber
