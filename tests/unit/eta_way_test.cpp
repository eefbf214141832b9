#include "core/eta/way.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;
using test::job_play;

namespace {

using k = work_kind;

service_room usual_room() {
  service_room out;
  out.at_once = {32, 2, 4, 16, 8, 2, 4, 32};
  out.service = {0, 1, 2, 3, 4, 1, 5, 0};
  return out;
}

/// A job that needs one call to asr and one to merge.
work_left two_calls(double asr, double merge) {
  work_left out;
  out.at = k::transcribe;
  out.pioneer = false;
  out.cost[index_of(k::transcribe)] = static_cast<float>(asr);
  out.calls[index_of(k::transcribe)] = 1;
  out.cost[index_of(k::merge)] = static_cast<float>(merge);
  out.calls[index_of(k::merge)] = 1;
  return out;
}

double all(std::uint64_t job_no, const work_left& left, const backlog& others,
           double called_for = 0) {
  return way_of({{job_no, 0}, left, called_for}, others, usual_room()).all;
}

} // namespace

TEST_CASE("work left: by what is done, and as usual where nothing is known") {
  call_costs costs;
  job_play play{{2, 60, "hi"}};
  play.accept();
  auto at_first = work_left_of(play.state, costs);
  CHECK(at_first.at == k::fetch);
  CHECK_FALSE(at_first.length_known);
  CHECK(at_first.pioneer);
  CHECK(at_first == usual_work(costs));
  CHECK(at_first.calls[index_of(k::speak)] == 60); // 300 s, 0.2 a second
  play.play_until("asr");
  auto heard = work_left_of(play.state, costs);
  CHECK(heard.at == k::transcribe);
  CHECK(heard.length_known);
  CHECK(heard.calls[index_of(k::transcribe)] == 2);
  CHECK(heard.of(k::transcribe)
        == Approx(2 * costs.of(k::transcribe, 300)).epsilon(0.01));
  CHECK(heard.of(k::extract) == 0);
  play.feed(play.answer(play.next()[0]));
  CHECK(work_left_of(play.state, costs).calls[index_of(k::transcribe)] == 1);
  play.play_until("tts");
  auto spoken = work_left_of(play.state, costs);
  CHECK(spoken.at == k::translate);
  CHECK(spoken.pioneer);
  play.play_until("merge");
  auto merged = work_left_of(play.state, costs);
  CHECK_FALSE(merged.pioneer);
  CHECK(merged.of(k::speak) == 0);
  play.play_until("report");
  CHECK(work_left_of(play.state, costs).at == k::report);
}

TEST_CASE("way: alone, one kind of work after the other") {
  backlog nobody;
  CHECK(all(1, two_calls(40, 10), nobody) == Approx(50));
  // A call that is open has less to go; one that takes longer than expected
  // has something to go still.
  CHECK(all(1, two_calls(40, 10), nobody, 15) == Approx(35));
  CHECK(all(1, two_calls(40, 10), nobody, 100) == Approx(20));
}

TEST_CASE("way: older jobs go first, younger ones do not") {
  backlog others;
  for (std::uint64_t n = 1; n <= 100; ++n)
    if (n != 50)
      others.add({n, 0}, two_calls(40, 1));
  auto first = all(1, two_calls(40, 1), others);
  auto middle = all(50, two_calls(40, 1), others);
  auto last = all(101, two_calls(40, 1), others);
  CHECK(first < 60);
  CHECK(middle == Approx(41 + 49 * 40 / 4).epsilon(0.1));
  CHECK(last == Approx(41 + 99 * 40 / 4).epsilon(0.1));
}

TEST_CASE("way: a film goes before a clip by no more than the clip needs") {
  backlog others;
  auto film = two_calls(4'000, 100);
  film.calls[index_of(k::transcribe)] = 40;
  others.add({1, 0}, film);
  CHECK(all(2, two_calls(40, 1), others) < 60);
}

TEST_CASE("way: higher priority goes first, lower does not count") {
  backlog others;
  others.add({9, 1}, two_calls(400, 1));
  CHECK(all(1, two_calls(40, 1), others) == Approx(141));
  others.remove({9, 1}, two_calls(400, 1));
  others.add({1, -1}, two_calls(400, 1));
  CHECK(all(9, two_calls(40, 1), others) == Approx(41));
}

TEST_CASE("way: work that comes later is no hindrance, a shared service is") {
  backlog others;
  auto merging = two_calls(0, 60);
  merging.calls[index_of(k::transcribe)] = 0;
  merging.at = k::merge;
  others.add({1, 0}, merging);
  auto extracting = two_calls(40, 10);
  extracting.at = k::extract;
  extracting.cost[index_of(k::extract)] = 2;
  extracting.calls[index_of(k::extract)] = 1;
  // The merge goes before at the media tools, two at once.
  CHECK(all(2, extracting, others) == Approx(30 + 52));
  // Jobs that are not as far do not count.
  backlog upstream;
  upstream.add({1, 0}, extracting);
  CHECK(all(2, two_calls(40, 10), upstream) == Approx(50));
}

TEST_CASE("backlog: what is removed leaves nothing behind") {
  backlog others;
  std::vector<work_left> lefts;
  for (int i = 1; i < 200; ++i)
    lefts.push_back(two_calls(0.37 * i, 11.1 / i));
  for (std::size_t i = 0; i < lefts.size(); ++i)
    others.add({i + 7, static_cast<int>(i % 3) - 1}, lefts[i]);
  CHECK(others.jobs() == 199);
  for (std::size_t i = 0; i < lefts.size(); ++i)
    others.remove({i + 7, static_cast<int>(i % 3) - 1}, lefts[i]);
  CHECK(others.jobs() == 0);
  CHECK(others.before({500, -1}, two_calls(1e6, 1e6), k::transcribe) == 0);
  CHECK(others.due({500, -1}, k::merge) == 0);
}

TEST_CASE("way: held only by what is still needed") {
  auto room = usual_room();
  room.held[index_of(k::transcribe)] = true;
  CHECK(is_held(two_calls(1, 1), room));
  room.held = {};
  room.held[index_of(k::speak)] = true;
  CHECK_FALSE(is_held(two_calls(1, 1), room));
}
