/// Time left of pipelines with `http` stages.
#include "core/eta/forecaster.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"
#include "tests/support/pipelines.hpp"

using namespace dubber;
using test::job_play;

namespace {

job_play play_of(const std::string& pipeline, test::dub_shape shape) {
  job_play play{shape};
  play.state.book = &test::book_of_all();
  play.feed(in::accept{7, 1, pipeline, 0, "test", ""});
  return play;
}

std::string service_of(const job_play& play, std::string_view stage) {
  return play.state.plan->stages[play.ref(stage).stage].service;
}

/// @returns As `own_costs` knows it after calls of so many seconds each.
own_costs slow(const std::string& service, double seconds, int at_once) {
  own_costs out;
  out.set_service(service, service, at_once, false);
  for (int i = 0; i < 200; ++i)
    out.saw(service, 60, seconds);
  return out;
}

} // namespace

TEST_CASE("own calls: what they cost is learned by service and model") {
  auto costs = slow("w", 30, 4);
  CHECK(costs.length("w", 1, 60) == Approx(30).epsilon(0.05));
  // Four at once: two rounds, and the last do not end together.
  CHECK(costs.length("w", 8, 60) == Approx(60 + 11.25).epsilon(0.05));
  CHECK(costs.length("w", 0, 60) == 0);
  auto unknown = costs.length("other", 1, 60);
  CHECK(unknown < 10);
  own_costs again;
  again.restore(costs.remembered());
  again.set_service("w", "w", 4, false);
  CHECK(again.length("w", 1, 60) == costs.length("w", 1, 60));
  again.set_service("w", "w 2", 4, false); // another model behind it
  CHECK(again.length("w", 1, 60) == unknown);
  CHECK(again.remembered().count("w") == 1); // it may come back
}

TEST_CASE(
  "own calls: of more services than there are bits nothing is learned") {
  own_costs costs;
  for (int i = 0; i < 70; ++i)
    costs.set_service("s" + std::to_string(i), "k", 1, i == 69);
  CHECK(costs.bit("s63") == std::uint64_t{1} << 63);
  CHECK(costs.bit("s69") == 0);
  CHECK(costs.held() == 0);
}

TEST_CASE("own calls: they are part of what a job still needs") {
  auto play = play_of("music", {2, 6, "hi"});
  auto own = slow(service_of(play, "separate"), 500, 1);
  call_costs costs;
  auto left = [&] {
    return work_left_of(play.state, costs, own);
  };
  CHECK(left().own > 400);
  CHECK_FALSE(left().at_own);
  service_room room;
  room.at_once.fill(4);
  backlog nobody;
  auto with = way_of({{1, 0}, left(), 0}, nobody, room);
  auto without = left();
  without.own = 0;
  CHECK(with.all
        == Approx(way_of({{1, 0}, without, 0}, nobody, room).all + left().own));
  play.feed(play.answer(play.ref("fetch")));
  play.feed(play.answer(play.ref("extract")));
  play.feed(play.answer(play.ref("separate")));
  CHECK(left().own == 0);
  CHECK(left().own_services == 0);
}

TEST_CASE("own calls: nobody knows how long while their service is down") {
  auto play = play_of("music", {2, 6, "hi"});
  auto service = service_of(play, "separate");
  forecaster f;
  service_room room;
  room.at_once.fill(4);
  f.set_room(room);
  f.set_own_service(service, service, 2, false);
  f.changed(play.state, true, play.now);
  CHECK(f.left(1, play.now));
  f.set_own_service(service, service, 2, true);
  CHECK_FALSE(f.left(1, play.now));
  f.set_own_service(service, service, 2, false);
  CHECK(f.left(1, play.now));
}
