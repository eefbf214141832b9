#include "tests/estimates/load_play.hpp"

#include "core/eta/forecaster.hpp"
#include "core/job/machine.hpp"
#include "core/job/progress.hpp"
#include "core/service_gate.hpp"
#include "tests/estimates/load_job.hpp"
#include "tests/estimates/load_services.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <queue>
#include <random>

namespace dubber::test {

namespace {

constexpr double looks_apart = 30; ///< mean seconds between looks at a job

gate_policy gate_of(const service_policy& x) {
  gate_policy out;
  out.max_concurrent = x.max_concurrent;
  out.breaker = x.breaker;
  out.budget = x.budget;
  return out;
}

class player {
public:
  explicit player(const load& what) : load_(what), random_(what.seed) {
    out_.name = what.name;
    for (auto& [name, policy] : default_policies()) {
      gates_.emplace(name, service_gate{gate_of(policy)});
      names_.push_back(name);
    }
    tell_room();
  }

  load_outcome run() {
    at(begin_, [this] { arrive(); });
    while (!due_.empty() && ended_ < load_.jobs) {
      auto next = due_.top();
      due_.pop();
      now_ = next.when;
      (*next.what)();
    }
    out_.hours
      = std::chrono::duration<double, std::ratio<3600>>(now_ - begin_).count();
    return std::move(out_);
  }

private:
  struct deed {
    time_point when;
    std::uint64_t turn;
    std::shared_ptr<std::function<void()>> what;
    bool operator<(const deed& x) const {
      return std::tie(when, turn) > std::tie(x.when, x.turn);
    }
  };
  struct asked {
    playing_job* job;
    work_ref work;
  };

  void at(time_point when, std::function<void()> what) {
    due_.push({when, ++turn_,
               std::make_shared<std::function<void()>>(std::move(what))});
  }
  void after(double seconds, std::function<void()> what) {
    at(now_ + ms{static_cast<ms::rep>(std::ceil(seconds * 1'000))},
       std::move(what));
  }
  double even() {
    return std::uniform_real_distribution<>{0, 1}(random_);
  }
  double exponential(double mean) {
    return std::exponential_distribution<>{1 / mean}(random_);
  }
  /// Lognormal, of mean 1.
  double factor(double spread) {
    return std::exp(
      std::normal_distribution<>{-spread * spread / 2, spread}(random_));
  }
  double passed() const {
    return std::chrono::duration<double>(now_ - begin_).count();
  }

  // -- jobs
  // -------------------------------------------------------------------
  void arrive() {
    for (int i = 0; i < load_.together && begun_ < load_.jobs; ++i)
      begin_job();
    if (begun_ < load_.jobs)
      after(exponential(load_.between), [this] { arrive(); });
  }

  void begin_job() {
    jobs_.push_back(std::make_unique<playing_job>());
    auto& job = *jobs_.back();
    job.index = begun_++;
    job.state.row.job_no = static_cast<std::uint64_t>(begun_);
    job.media = even() < load_.film_share
                  ? 7'200
                  : std::clamp(load_.media_seconds
                                 * std::exp(std::normal_distribution<>{
                                   0, load_.media_spread}(random_)),
                               10.0, 10'000.0);
    job.pace = factor(load_.job_noise);
    feed(job, in::accept{begun_, job.state.row.job_no, "", 0, "test", ""});
    plan_look(job);
  }

  void feed(playing_job& job, const job_input& input) {
    for (auto& fact : decide_all(job.state, {input}, now_, {}).events)
      evolve(job.state, fact);
    auto is = progress_of(job.state);
    out_.fallen = std::max(out_.fallen, job.progress - is);
    job.progress = is;
    if (job.state.row.status == job_status::completed) {
      end(job);
      return;
    }
    forecast_.changed(job.state, job.calls(), now_);
    if (job.state.owed && job.state.row.status == job_status::running)
      after(0.05, [this, &job] { feed(job, in::told{job.state.debt}); });
    else
      go_on(job);
  }

  void end(playing_job& job) {
    forecast_.completed(job.state, now_);
    ++ended_;
    for (auto& [when, look] : job.looks) {
      look.real = std::chrono::duration<double>(now_ - when).count();
      if (job.index >= warm_up)
        out_.looks.push_back(look);
    }
    job.looks = {};
    job.state = {};
    job.state.row.status = job_status::completed;
  }

  void plan_look(playing_job& job) {
    after(exponential(looks_apart), [this, &job] {
      if (is_final(job.state.row.status))
        return;
      one_look look{job.index};
      look.phase
        = past_errors::phase_of(work_left_of(job.state, forecast_.costs()));
      if (auto left = forecast_.left(job.state.row.job_no, now_))
        look = {job.index, true, look.phase, left->p50, left->p90, 0};
      job.looks.emplace_back(now_, look);
      plan_look(job);
    });
  }

  // -- work
  // -------------------------------------------------------------------
  void go_on(playing_job& job) {
    std::map<std::uint32_t, stage_load> loads;
    for (auto& [work, calling] : job.live) {
      auto retries = job.failures(work) > 0;
      loads[work.stage].calling += calling;
      loads[work.stage].asking += !calling && !retries;
    }
    for (auto& work : admitted(startable(job.state, job.running, 64), loads)) {
      job.running.insert(work);
      ask(job, work);
    }
  }

  void ask(playing_job& job, work_ref work) {
    job.live[work] = false;
    auto& service = job.state.plan->stages[work.stage].service;
    ticket who{job.state.row.job_no, ++tickets_};
    asked_[who.id] = {&job, work};
    auto kind = job.state.plan->stages[work.stage].kind;
    auto media = kind == work_kind::extract ? 0 : job.media_of(work);
    auto again = job.failures(work) > 0;
    gates_.at(service).ask(who, {0, 1 + media, again}, now_);
    let_through(service);
  }

  void let_through(const std::string& service) {
    auto& gate = gates_.at(service);
    for (auto& x : gate.grant(now_))
      call(service, x.who);
    tell_room();
    auto wake = gate.wake_at(now_);
    auto& planned = wakes_[service];
    if (!wake || (planned && *planned <= *wake))
      return;
    planned = wake;
    at(*wake + ms{1}, [this, service] {
      wakes_[service].reset();
      let_through(service);
    });
  }

  bool is_away(const std::string& service) const {
    if (!load_.away || load_.away->service != service)
      return false;
    auto t = passed() - load_.away->first;
    return t >= 0 && std::fmod(t, load_.away->every) < load_.away->length;
  }

  void call(const std::string& service, ticket who) {
    auto [job, work] = asked_.at(who.id);
    job->live[work] = true;
    forecast_.calling(who.job_no, true, now_);
    auto kind = job->state.plan->stages[work.stage].kind;
    auto media = job->media_of(work);
    auto took = true_cost(kind, media) * job->pace * factor(load_.noise);
    if (kind == work_kind::transcribe && job->index > load_.jobs / 2)
      took *= load_.slower;
    auto fails = is_away(service) || even() < load_.failing;
    if (fails)
      took = std::min(took, 1.0);
    after(took, [this, service, who, kind, media, fails, began = now_] {
      auto over = asked_.extract(who.id).mapped();
      gates_.at(service).ended(who, {fails, false}, now_, even());
      if (fails) {
        failed(*over.job, over.work, service);
      } else {
        forecast_.saw_call(kind, media, now_ - began);
        done(*over.job, over.work);
      }
      let_through(service);
    });
  }

  void failed(playing_job& job, work_ref work, const std::string& service) {
    job.live[work] = false;
    forecast_.calling(job.state.row.job_no, job.calls(), now_);
    auto down
      = gates_.at(service).circuit().current(now_) != breaker::state::closed;
    if (down) {
      ask(job, work);
      return;
    }
    auto n = job.failures(work);
    ms pause{1'000 << std::min(n, 5)};
    fault why{fault_code::unreachable, "away", 0, {}};
    feed(job, in::attempt_failed{work, n + 1, why, pause});
    at(now_ + pause, [this, &job, work] { ask(job, work); });
  }

  void done(playing_job& job, work_ref work) {
    job.live.erase(work);
    job.running.erase(work);
    feed(job, in::item_done{work, 1,
                            answer_of(job.state, work, job.media, random_)});
  }

  void tell_room() {
    service_room room;
    for (auto& stage : dubbing_pipeline()->stages) {
      auto i = index_of(stage.kind);
      auto& gate = gates_.at(stage.service);
      room.at_once[i] = gate.policy().max_concurrent;
      room.service[i] = static_cast<std::uint8_t>(
        std::find(names_.begin(), names_.end(), stage.service)
        - names_.begin());
      room.held[i] = gate.circuit().current(now_) != breaker::state::closed;
    }
    forecast_.set_room(room);
  }

  const load& load_;
  std::mt19937_64 random_;
  load_outcome out_;
  const time_point begin_{ms{1'700'000'000'000}};
  time_point now_ = begin_;
  std::priority_queue<deed> due_;
  std::uint64_t turn_ = 0;
  std::vector<std::unique_ptr<playing_job>> jobs_;
  int begun_ = 0;
  int ended_ = 0;
  std::map<std::string, service_gate> gates_;
  std::vector<std::string> names_;
  std::map<std::string, std::optional<time_point>> wakes_;
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, asked> asked_;
  forecaster forecast_;
};

} // namespace

load_outcome play(const load& what) {
  return player{what}.run();
}

} // namespace dubber::test
