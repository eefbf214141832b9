#include "actors/forecasts.hpp"

#include "actors/gate.hpp"
#include "core/pipeline.hpp"

namespace dubber {

namespace {

/// Jobs that must have ended before weights are learned from them.
constexpr double fewest_jobs = 5;

} // namespace

by_kind<std::string> models_of(const service_policies& policies) {
  by_kind<std::string> out;
  for (auto& stage : dubbing_pipeline()->stages)
    if (auto i = policies.find(stage.service); i != policies.end())
      out[index_of(stage.kind)] = speed_key(stage.service, i->second);
  return out;
}

void forecast_board::begin(learned_times known, by_kind<std::string> services,
                           saver save) {
  std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < work_kinds; ++i)
    if (known.services[i] != services[i])
      known.forecasts.costs.calls[i] = {};
  forecasts_.restore(std::move(known.forecasts));
  weights_.restore(std::move(known.weights));
  services_ = std::move(services);
  save_ = std::move(save);
}

void forecast_board::follow(const forecast_board& before) {
  std::scoped_lock lock{mutex_, before.mutex_};
  forecasts_.restore(before.forecasts_.remembered());
  weights_ = before.weights_;
  services_ = before.services_;
  saved_ = before.saved_;
  save_ = before.save_;
}

void forecast_board::set_service(const std::string& service,
                                 const std::string& key, int max_concurrent,
                                 bool held) {
  std::lock_guard lock{mutex_};
  forecasts_.set_own_service(service, key, max_concurrent, held);
  auto room = forecasts_.room();
  auto& stages = dubbing_pipeline()->stages;
  for (std::size_t first = 0; first < stages.size(); ++first) {
    if (stages[first].service != service)
      continue;
    for (auto& stage : stages) {
      if (stage.service != service)
        continue;
      auto i = index_of(stage.kind);
      room.service[i] = static_cast<std::uint8_t>(first);
      room.at_once[i] = max_concurrent;
      room.held[i] = held;
    }
    break;
  }
  forecasts_.set_room(room);
}

void forecast_board::saw_call(work_kind kind, const std::string& service,
                              double media_seconds, ms took) {
  std::lock_guard lock{mutex_};
  if (kind == work_kind::http)
    forecasts_.saw_own_call(service, media_seconds, took);
  else
    forecasts_.saw_call(kind, media_seconds, took);
}

void forecast_board::changed(const job_state& job, bool calling,
                             time_point now) {
  std::lock_guard lock{mutex_};
  forecasts_.changed(job, calling, now);
}

void forecast_board::calling(std::uint64_t job_no, bool is, time_point now) {
  std::lock_guard lock{mutex_};
  forecasts_.calling(job_no, is, now);
}

std::vector<forecaster::verdict> forecast_board::completed(const job_state& job,
                                                           time_point now) {
  std::lock_guard lock{mutex_};
  return forecasts_.completed(job, now);
}

void forecast_board::forget(std::uint64_t job_no, time_point now) {
  std::lock_guard lock{mutex_};
  forecasts_.forget(job_no, now);
}

std::optional<time_left> forecast_board::left(std::uint64_t job_no,
                                              time_point now) const {
  std::lock_guard lock{mutex_};
  return forecasts_.left(job_no, now);
}

stage_weights forecast_board::weights_for(const job_state& job) const {
  auto begun = job.stages.empty() ? maybe_time{} : job.stages[0].started_at;
  std::lock_guard lock{mutex_};
  return begun ? weights_.at(*begun) : weights_.newest();
}

std::optional<weight_history::version>
forecast_board::next_weights(time_point now) const {
  if (forecasts_.remembered().costs.jobs < fewest_jobs)
    return std::nullopt;
  return weights_.next(
    lengths_of(usual_work(forecasts_.costs()), forecasts_.room()), now);
}

void forecast_board::save(time_point now) {
  std::unique_lock lock{mutex_};
  if (!save_)
    return;
  learned_times next{forecasts_.remembered(), services_, weights_.versions()};
  auto fresh = next_weights(now);
  if (fresh)
    next.weights.push_back(*fresh);
  if (next == saved_)
    return;
  lock.unlock();
  if (!save_(next))
    return;
  lock.lock();
  if (fresh)
    weights_.add(*fresh);
  saved_ = std::move(next);
}

} // namespace dubber
