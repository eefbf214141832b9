#pragma once

#include "core/eta/forecaster.hpp"
#include "core/eta/weight_history.hpp"
#include "core/policy.hpp"

#include <functional>
#include <mutex>
#include <string>

namespace dubber {

/// What was learned of times, as it is kept over restarts.
struct learned_times {
  forecaster::memory forecasts;
  /// Of which services the calls' costs were learned (`speed_key`): those of
  /// another are not used.
  by_kind<std::string> services;
  std::vector<weight_history::version> weights;

  bool operator==(const learned_times&) const = default;
};

/// How jobs get on, for all of them together: jobs, stages and gates write,
/// whoever shows a job reads (core/eta/forecaster.hpp). Thread-safe.
class forecast_board {
public:
  /// False: it could not be kept.
  using saver = std::function<bool(const learned_times&)>;

  /// Before anybody uses it. @param services The service's name and model, by
  /// kind of work. @param save May block; nothing: weights are not learned,
  /// since jobs could not go on with theirs after a restart.
  void begin(learned_times known, by_kind<std::string> services, saver save);

  /// Before anybody uses it: goes on with what the other has learned. Its jobs
  /// are told of anew.
  void follow(const forecast_board& before);

  /// A gate tells what it lets through.
  /// @param key The service and the model behind it (`speed_key`).
  void set_service(const std::string& service, const std::string& key,
                   int max_concurrent, bool held);

  void saw_call(work_kind kind, const std::string& service,
                double media_seconds, ms took);
  void changed(const job_state& job, bool calling, time_point now);
  void calling(std::uint64_t job_no, bool is, time_point now);
  std::vector<forecaster::verdict> completed(const job_state& job,
                                             time_point now);
  void forget(std::uint64_t job_no, time_point now);

  std::optional<time_left> left(std::uint64_t job_no, time_point now) const;

  /// What the progress of this job goes by.
  stage_weights weights_for(const job_state& job) const;

  /// Has it kept. Weights that have changed hold from then on.
  void save(time_point now);

private:
  std::optional<weight_history::version> next_weights(time_point now) const;

  mutable std::mutex mutex_;
  forecaster forecasts_;
  weight_history weights_;
  by_kind<std::string> services_;
  learned_times saved_;
  saver save_;
};

/// By kind of work, for `forecast_board::begin`.
by_kind<std::string> models_of(const service_policies& policies);

} // namespace dubber
