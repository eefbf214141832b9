/// Progress and time left as jobs show them, in virtual time.
#include "actors/forecasts.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

#include <cmath>

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

TEST_CASE("time left: shown while a job runs, less and less, then no more") {
  coordinator_play play;
  play.workers.shape = {2, 20, "hi"};
  play.start();
  play.begin(7);
  auto last = play.view(7);
  REQUIRE(last.eta_p50_seconds);
  auto first = *last.eta_p50_seconds;
  std::size_t shown = 0;
  for (int i = 0; i < 600 && play.status(7) != job_status::completed; ++i) {
    auto now = play.view(7);
    CHECK(now.progress >= last.progress);
    if (now.eta_p50_seconds) {
      ++shown;
      CHECK(std::isfinite(*now.eta_p50_seconds));
      CHECK(*now.eta_p50_seconds >= 0);
      CHECK(*now.eta_p90_seconds >= *now.eta_p50_seconds);
    }
    last = now;
    play.advance(100ms);
  }
  CHECK(play.status(7) == job_status::completed);
  CHECK(shown > 5);
  CHECK(last.eta_p50_seconds.value_or(0) < first);
  auto ended = play.view(7);
  CHECK_FALSE(ended.eta_p50_seconds);
  CHECK(ended.progress == 1);
}

TEST_CASE("time left: nobody knows it while a service is down that is needed") {
  coordinator_play play;
  play.start();
  play.order("tts", order_verb::open);
  play.begin(7);
  CHECK_FALSE(play.view(7).eta_p50_seconds);
  play.order("tts", order_verb::automatic);
  CHECK(play.view(7).eta_p50_seconds);
}

TEST_CASE("time left: not of a job that is paused or parked") {
  coordinator_play play;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "merge" ? fails(fault_code::unsupported)
                                  : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.control(7, control_verb::pause);
  CHECK_FALSE(play.view(7).eta_p50_seconds);
  play.control(7, control_verb::resume);
  CHECK(play.view(7).eta_p50_seconds);
  play.advance(120s);
  CHECK(play.status(7) != job_status::running);
  CHECK_FALSE(play.view(7).eta_p50_seconds);
}

TEST_CASE("time left: jobs in front make it longer, a restart finds it again") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.workers.shape = {1, 30, "hi"};
  play.start();
  for (int id = 1; id <= 12; ++id)
    play.begin(id);
  play.advance(50ms);
  CHECK(*play.view(12).eta_p50_seconds > *play.view(1).eta_p50_seconds);
  auto before = play.view(12).progress;
  play.stop();
  play.start();
  CHECK(play.view(12).progress >= before);
  CHECK(play.view(12).eta_p50_seconds);
}

TEST_CASE("weights: they hold when they are kept, and after a restart") {
  learned_times kept;
  auto disk_full = true;
  auto save = [&](const learned_times& x) {
    if (!disk_full)
      kept = x;
    return !disk_full;
  };
  auto models = models_of(default_policies());
  forecast_board board;
  board.begin({}, models, save);
  for (auto& [service, policy] : default_policies())
    board.set_service(service, service, policy.max_concurrent, false);
  time_point now{ms{1'700'000'000'000}};
  job_state job;
  job.stages.resize(job.plan->stages.size());
  job.row.status = job_status::running;
  for (std::uint64_t n = 1; n <= 20; ++n) { // speaking is slow here
    job.row.job_no = n;
    job.media = extracted{{}, 300, {{0, 300}}};
    job.segments = 60;
    for (int i = 0; i < 60; ++i)
      board.saw_call(work_kind::speak, "tts", 5, 60s);
    board.changed(job, true, now);
    now += 600s;
    board.completed(job, now);
  }
  auto begun = [&](time_point at) {
    job.stages[0].started_at = at;
    return board.weights_for(job);
  };
  board.save(now);
  CHECK(begun(now + 10min) == first_weights());
  disk_full = false;
  board.save(now);
  REQUIRE(kept.weights.size() == 1);
  auto later = begun(now + 10min);
  CHECK(later[index_of(work_kind::speak)] > 0.5F);
  CHECK(begun(now) == first_weights()); // it began with those
  forecast_board again;
  again.begin(kept, models, save);
  CHECK(again.weights_for(job) == first_weights());
  job.stages[0].started_at = now + 10min;
  CHECK(again.weights_for(job) == later);
}
