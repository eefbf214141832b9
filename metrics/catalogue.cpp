#include "metrics/catalogue.hpp"

#include "metrics/metric_set.hpp"

#include <prometheus/text_serializer.h>

#include <utility>

namespace dubber {

namespace {

using namespace prometheus;

class registered : public catalogue, private metric_set {
public:
  std::string expose() const override {
    return TextSerializer{}.Serialize(registry_.Collect());
  }

  void job_taken_up(std::string_view state) override {
    jobs_(state).Increment();
  }

  void job_let_go(std::string_view state) override {
    jobs_(state).Decrement();
  }

  void job_state_changed(std::string_view from, std::string_view to) override {
    if (!from.empty())
      job_let_go(from);
    job_taken_up(to);
    job_changes_(to).Increment();
  }

  void stage_ended(std::string_view stage, std::string_view outcome,
                   ms took) override {
    stages_(stage, outcome).Observe(seconds(took));
  }

  void attempt_ended(std::string_view service,
                     std::string_view reason) override {
    attempts_(service, reason).Increment();
  }

  void attempt_forgiven(std::string_view service) override {
    forgiven_(service).Increment();
  }

  void endpoint_changed(std::string_view service, std::string_view url,
                        bool left_out) override {
    endpoints_(service, url).Set(left_out ? 1 : 0);
  }

  void speed_learned(std::string_view service, ms usual) override {
    speeds_(service).Set(seconds(usual));
  }

  void time_left_judged(bool within_p50, bool within_p90) override {
    for (auto [quantile, within] :
         {std::pair{"0.5", within_p50}, std::pair{"0.9", within_p90}})
      times_left_(quantile, within ? "within" : "beyond").Increment();
  }

  void segment_degraded(std::string_view stage, std::string_view how) override {
    degraded_(stage, how).Increment();
  }

  void chunk_halved() override {
    halved_.Increment();
  }

  void segment_edited() override {
    edited_.Increment();
  }

  void permit_waited(std::string_view service, ms took) override {
    waits_(service).Observe(seconds(took));
  }

  void gate_changed(std::string_view service, const gate_reading& is) override {
    auto set = [](prometheus::Gauge* to, auto n) {
      to->Set(static_cast<double>(n));
    };
    auto& to = gauges_of(service);
    for (std::size_t i = 0; i < breaker_states.size(); ++i)
      set(to.breaker[i], is.breaker == breaker_states[i] ? 1 : 0);
    set(to.waiting, is.waiting);
    set(to.running, is.running);
    set(to.limit, is.max_concurrent);
    set(to.retries, is.retries_running);
    set(to.retries_allowed, is.retries_allowed);
    set(to.calls, is.calls);
    set(to.failed, is.failed);
    set(to.slow, is.slow);
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
    cache_asks_(how).Increment();
  }

  void results_kept(std::uint64_t results, std::uint64_t bytes,
                    std::uint64_t removed) override {
    cache_results_.Set(static_cast<double>(results));
    cache_bytes_.Set(static_cast<double>(bytes));
    cache_removed_.Increment(static_cast<double>(removed));
  }

  void report_ended(std::string_view outcome) override {
    reports_(outcome).Increment();
  }

  void broker_connected(std::string_view role, bool is) override {
    broker_up_(role).Set(is ? 1 : 0);
    if (!is)
      broker_failures_(role).Increment();
  }

  void broker_message(std::string_view outcome) override {
    broker_messages_(outcome).Increment();
  }

  void broker_published(std::size_t events) override {
    broker_events_.Increment(static_cast<double>(events));
  }

  void celery_task(std::string_view name, std::string_view outcome) override {
    celery_tasks_(name, outcome).Increment();
  }

  void celery_waiting(std::size_t tasks) override {
    celery_waiting_.Set(static_cast<double>(tasks));
  }

  void actor_restarted(std::string_view kind) override {
    restarts_(kind).Increment();
  }

  void http_request_ended(std::string_view route, std::string_view method,
                          int status, ms took) override {
    requests_(route, method, std::to_string(status)).Observe(seconds(took));
  }

  void policy_read(bool counts) override {
    policy_reads_(counts ? "applied" : "refused").Increment();
    if (counts)
      policy_since_.SetToCurrentTime();
  }

  void http_in_flight(int n) override {
    in_flight_.Set(n);
  }

  void client_call_ended(std::string_view host, int status, ms took) override {
    calls_(host, status == 0 ? "none" : std::to_string(status))
      .Observe(seconds(took));
  }

  void client_connections(std::string_view host, int open, int idle) override {
    connections_(host, "open").Set(open);
    connections_(host, "idle").Set(idle);
  }
};

} // namespace

std::unique_ptr<catalogue> catalogue::make() {
  return std::make_unique<registered>();
}

} // namespace dubber
