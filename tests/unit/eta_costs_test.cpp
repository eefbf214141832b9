#include "core/eta/call_costs.hpp"
#include "tests/support/catch.hpp"

#include <limits>

using namespace dubber;

namespace {

bool about(double x, double y) {
  return std::abs(x - y) <= 0.05 * y;
}

} // namespace

TEST_CASE("call costs: a first guess, then what was seen") {
  call_cost cost{{1, 0.25, 300}};
  CHECK(about(cost.of(0), 1));
  CHECK(about(cost.of(300), 76));
  for (int i = 0; i < 300; ++i)
    cost.saw(10 * (i % 40), 5 + 0.5 * 10 * (i % 40));
  CHECK(about(cost.of(0), 5));
  CHECK(about(cost.of(400), 205));
}

TEST_CASE("call costs: calls of one length only do not turn the line over") {
  call_cost cost{{1, 0.25, 300}};
  for (int i = 0; i < 500; ++i)
    cost.saw(300, 3);
  CHECK(about(cost.of(300), 3));
  CHECK(cost.of(0) > 0);
  CHECK(cost.of(3'000) >= cost.of(300));
}

TEST_CASE("call costs: a service that has become slower is believed soon") {
  call_cost cost;
  for (int i = 0; i < 1'000; ++i)
    cost.saw(0, 1);
  for (int i = 0; i < 300; ++i)
    cost.saw(0, 2);
  CHECK(cost.of(0) > 1.7);
}

TEST_CASE("call costs: rubbish is not learned, nor taken from a file") {
  call_costs costs;
  auto before = costs.remembered();
  costs.saw_call(work_kind::speak, -1, 5);
  costs.saw_call(work_kind::speak, std::numeric_limits<double>::quiet_NaN(), 5);
  costs.saw_job(std::numeric_limits<double>::infinity(), 5);
  CHECK(costs.remembered() == before);
  auto damaged = before;
  damaged.calls[index_of(work_kind::speak)].w = -1;
  damaged.jobs = std::numeric_limits<double>::quiet_NaN();
  costs.restore(damaged);
  CHECK(costs.remembered() == before);
}

TEST_CASE("call costs: the usual job, and the same after a restart") {
  call_costs costs;
  for (int i = 0; i < 200; ++i) {
    costs.saw_job(1'000, 100);
    costs.saw_call(work_kind::merge, 1'000, 40);
  }
  CHECK(costs.usual_seconds() > 900);
  CHECK(about(costs.usual_segments(2'000), 200));
  CHECK(costs.usual_segments(0.1) == 1);
  call_costs again;
  again.restore(costs.remembered());
  CHECK(again.remembered() == costs.remembered());
  CHECK(again.of(work_kind::merge, 500) == costs.of(work_kind::merge, 500));
}
