#include "core/eta/forecaster.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

#include <random>

using namespace dubber;
using test::job_play;

namespace {

service_room open_room() {
  service_room out;
  out.at_once.fill(4);
  for (std::size_t i = 0; i < work_kinds; ++i)
    out.service[i] = static_cast<std::uint8_t>(i);
  return out;
}

forecaster ready() {
  forecaster out;
  out.set_room(open_room());
  return out;
}

/// Plays a job to its end, as slowly as `job_play` does: a second a step.
std::vector<forecaster::verdict> play_through(forecaster& f, job_play& play) {
  play.accept();
  f.changed(play.state, true, play.now);
  for (auto next = play.next(); !next.empty(); next = play.next()) {
    play.feed(play.answer(next.front()));
    f.changed(play.state, true, play.now);
  }
  play.feed(in::told{play.state.debt});
  return f.completed(play.state, play.now);
}

} // namespace

TEST_CASE("past errors: nine of ten ratios lie below p90, half below p50") {
  past_errors errors;
  for (int i = 1; i <= 100; ++i)
    errors.add(0, 99, i - 1, 1); // ratios of 0.01 to 1
  auto left = errors.left(0, 99);
  CHECK(left.p50 == Approx(50).margin(1));
  CHECK(left.p90 == Approx(90).margin(1));
}

TEST_CASE("past errors: long looks count more") {
  past_errors errors;
  for (int i = 0; i < 40; ++i)
    errors.add(0, 99, i % 2 ? 99 : 199, i % 2 ? 1 : 9);
  CHECK(errors.left(0, 99).p50 == Approx(199));
}

TEST_CASE("past errors: until enough have ended, by others, then by a guess") {
  past_errors errors;
  CHECK(errors.left(3, 10).p50 == Approx(10));
  CHECK(errors.left(3, 10).p90 > 20);
  for (std::size_t i = 0; i < past_errors::fewest; ++i)
    errors.add(6, 9, 19, 1);
  CHECK(errors.left(3, 9).p50 == Approx(19)); // by all there are
  for (std::size_t i = 0; i < past_errors::fewest; ++i)
    errors.add(2, 9, 39, 1);
  CHECK(errors.left(3, 9).p50 == Approx(39)); // by its phase
  for (std::size_t i = 0; i < past_errors::fewest; ++i)
    errors.add(3, 9, 4, 1);
  CHECK(errors.left(3, 9).p50 == Approx(4)); // by its class
}

TEST_CASE("past errors: the newest count, and damage is left out") {
  past_errors errors;
  for (std::size_t i = 0; i < 3 * past_errors::most; ++i)
    errors.add(1, 9, i < 2 * past_errors::most ? 99 : 9, 1);
  CHECK(errors.left(1, 9).p90 == Approx(9));
  auto memory = errors.remembered();
  CHECK(memory[1].size() == past_errors::most);
  memory[1].push_back({-1, 1});
  memory[1].push_back({1, 0});
  past_errors again;
  again.restore(memory);
  CHECK(again.remembered()[1].size() == past_errors::most);
  CHECK(again.left(1, 9).p90 == Approx(9));
}

TEST_CASE("forecast: known while the job runs and its services do") {
  auto f = ready();
  job_play play;
  CHECK_FALSE(f.left(1, play.now));
  play.accept();
  f.changed(play.state, false, play.now);
  auto left = f.left(1, play.now);
  REQUIRE(left);
  CHECK(left->p50 > 0);
  CHECK(left->p90 > left->p50);
  auto room = open_room();
  room.held[index_of(work_kind::speak)] = true;
  f.set_room(room);
  CHECK_FALSE(f.left(1, play.now)); // nobody knows for how long
  room.held = {};
  f.set_room(room);
  CHECK(f.left(1, play.now));
  f.forget(1, play.now);
  CHECK_FALSE(f.left(1, play.now));
}

TEST_CASE("forecast: less with each step, and while a call is open") {
  auto f = ready();
  job_play play{{1, 8, "hi"}};
  play.play_until("asr");
  f.changed(play.state, false, play.now);
  auto before = f.left(1, play.now)->p50;
  CHECK(f.left(1, play.now + ms{3'000})->p50 == before); // it waits
  f.calling(1, true, play.now);
  CHECK(f.left(1, play.now + ms{3'000})->p50 == Approx(before - 3).margin(0.1));
  play.play_until("translate");
  f.changed(play.state, true, play.now);
  CHECK(f.left(1, play.now)->p50 < before);
}

TEST_CASE("forecast: it learns from how jobs went, and keeps it") {
  auto f = ready();
  std::size_t verdicts = 0;
  for (std::uint64_t n = 1; n <= 200; ++n) {
    job_play play;
    play.state.row.job_no = n;
    play.now += ms{1'000'000 * static_cast<ms::rep>(n)};
    verdicts += play_through(f, play).size();
  }
  CHECK(verdicts >= 60);
  // One more of the same: 15 steps of a second.
  job_play play;
  play.state.row.job_no = 1'000;
  play.accept();
  f.changed(play.state, true, play.now);
  auto left = *f.left(1'000, play.now);
  CHECK(left.p50 > 8);
  CHECK(left.p90 < 25);
  auto g = ready();
  g.restore(f.remembered());
  CHECK(g.remembered() == f.remembered());
  g.changed(play.state, true, play.now);
  CHECK(g.left(1'000, play.now)->p90 == Approx(left.p90));
}

TEST_CASE("forecast: what was said before a pause or another run is void") {
  auto f = ready();
  job_play play;
  play.accept();
  f.changed(play.state, true, play.now);
  play.now += ms{600'000};
  f.forget(1, play.now);
  f.changed(play.state, true, play.now); // it goes on
  play.state.row.run = 2;
  f.changed(play.state, true, play.now);
  play.state.row.status = job_status::completed;
  CHECK(f.completed(play.state, play.now).empty());
}

TEST_CASE("forecast: quick with 100,000 jobs") {
  auto f = ready();
  job_play play;
  play.accept();
  for (std::uint64_t n = 1; n <= 100'000; ++n) {
    play.state.row.job_no = n;
    f.changed(play.state, false, play.now);
  }
  // Its place in the queue tells.
  CHECK(f.left(10, play.now)->p50 < f.left(50'000, play.now)->p50);
  CHECK(f.left(50'000, play.now)->p50 < f.left(99'000, play.now)->p50);
  for (std::uint64_t n = 1; n <= 100'000; ++n)
    f.forget(n, play.now);
  CHECK_FALSE(f.left(10, play.now));
}
