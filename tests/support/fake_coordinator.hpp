#pragma once

#include "actors/coordinator.hpp"

#include <mutex>

namespace dubber::test {

inline time_point moment(int seconds) {
  return time_point{ms{1'700'000'000'000 + seconds * 1'000LL}};
}

/// A job in the middle of its work.
inline job_view sample_job(std::int64_t id = 7) {
  job_view job;
  job.row.job_no = 1;
  job.row.job_id = id;
  job.row.source_object_key = "1700000000000_a film.mp4";
  job.row.pipeline = "dub";
  job.row.target_language = "es";
  job.row.status = job_status::running;
  job.row.created_at = moment(0);
  job.row.updated_at = moment(5);
  job.source_language = "en";
  job.progress = 0.25;
  job.eta_p50_seconds = 12;
  job.eta_p90_seconds = 24;
  job.stages.push_back({"asr", "transcribe", "waiting", 2, moment(1),
                        std::nullopt, waiting_view{"retry", "asr", moment(9)},
                        1, 0, 0});
  job.waiting_for = job.stages.front().waiting_for;
  job.results.push_back({"es", "running", std::nullopt, {}, 0, {}});
  job.gateway_json = R"({"id": 7, "status": "PROCESSING", "progress": 25})";
  return job;
}

/// The coordinator as a test wants it: each call is kept and answered by its
/// script, at once and on the caller's thread unless the script does otherwise.
class fake_coordinator : public coordinator {
public:
  template <class T>
  using answer = std::function<void(T)>;

  // Scripts; to be set before the server starts.
  std::function<void(intake_command, answer<intake_answer>)> on_intake
    = [](auto command, auto to) {
        to(intake_accepted{sample_job(command.job_id), false, true});
      };
  std::function<void(control_command, answer<control_answer>)> on_control
    = [](auto command, auto to) {
        to(control_done{sample_job(command.job_id), true});
      };
  std::function<void(job_query, answer<query_answer>)> on_ask
    = [](auto query, auto to) {
        if (query.kind == job_query::what::segments)
          to(segments_page{});
        else if (query.kind == job_query::what::history)
          to(history_page{query.job_id, {}, {}});
        else
          to(sample_job(query.job_id));
      };
  std::function<void(list_query, answer<query_answer>)> on_list
    = [](auto, auto to) {
        to(jobs_page{{sample_job().row}, 1});
      };
  std::function<void(order_command, answer<order_answer>)> on_order
    = [](auto command, auto to) {
        service_view view;
        view.name = command.order.service;
        view.breaker = "closed";
        view.order = command.order;
        to(view);
      };
  std::function<void(std::vector<note>, answer<bool>)> on_keep
    = [](auto, auto to) {
        to(true);
      };
  std::function<void(answer<services_view>)> on_services = [](auto to) {
    service_view asr;
    asr.name = "asr";
    asr.breaker = "open";
    asr.held_until = moment(3);
    asr.waiting = 2;
    asr.calls = 9;
    asr.endpoints = {{"http://asr:8100", 1, std::nullopt}};
    to({{asr}, {std::string(64, 'a'), moment(2)}});
  };

  void intake(intake_command command, answer<intake_answer> to) override {
    note_call([&] { intakes_.push_back(command); });
    on_intake(std::move(command), std::move(to));
  }

  void control(control_command command, answer<control_answer> to) override {
    note_call([&] { controls_.push_back(command); });
    on_control(std::move(command), std::move(to));
  }

  void ask(job_query query, answer<query_answer> to) override {
    note_call([&] { asks_.push_back(query); });
    on_ask(query, std::move(to));
  }

  void ask(list_query query, answer<query_answer> to) override {
    note_call([&] { lists_.push_back(query); });
    on_list(query, std::move(to));
  }

  void services(answer<services_view> to) override {
    on_services(std::move(to));
  }

  void order(order_command command, answer<order_answer> to) override {
    note_call([&] { orders_.push_back(command); });
    on_order(std::move(command), std::move(to));
  }

  void keep(std::vector<note> notes, answer<bool> to) override {
    note_call([&] {
      for (auto& x : notes)
        kept_.push_back(x);
    });
    on_keep(std::move(notes), std::move(to));
  }

  readiness ready() const override {
    std::lock_guard lock{mutex_};
    return ready_;
  }

  void be(readiness how) {
    note_call([&] { ready_ = std::move(how); });
  }

  std::vector<intake_command> intakes() const {
    std::lock_guard lock{mutex_};
    return intakes_;
  }
  std::vector<control_command> controls() const {
    std::lock_guard lock{mutex_};
    return controls_;
  }
  std::vector<order_command> orders() const {
    std::lock_guard lock{mutex_};
    return orders_;
  }
  /// All notes that were to be written, in their order.
  std::vector<note> kept() const {
    std::lock_guard lock{mutex_};
    return kept_;
  }
  std::vector<job_query> asks() const {
    std::lock_guard lock{mutex_};
    return asks_;
  }
  std::vector<list_query> lists() const {
    std::lock_guard lock{mutex_};
    return lists_;
  }

private:
  template <class F>
  void note_call(F change) {
    std::lock_guard lock{mutex_};
    change();
  }

  mutable std::mutex mutex_;
  readiness ready_{true, false, "ok"};
  std::vector<intake_command> intakes_;
  std::vector<control_command> controls_;
  std::vector<order_command> orders_;
  std::vector<note> kept_;
  std::vector<job_query> asks_;
  std::vector<list_query> lists_;
};

/// Callbacks that a script keeps back, for the test to call when it likes.
template <class T>
class held_answers {
public:
  void keep(std::function<void(T)> to) {
    std::lock_guard lock{mutex_};
    held_.push_back(std::move(to));
  }

  std::size_t size() const {
    std::lock_guard lock{mutex_};
    return held_.size();
  }

  std::vector<std::function<void(T)>> take() {
    std::lock_guard lock{mutex_};
    return std::exchange(held_, {});
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::function<void(T)>> held_;
};

} // namespace dubber::test
