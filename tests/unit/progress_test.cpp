#include "core/eta/weight_history.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

#include <limits>
#include <random>

using namespace dubber;
using test::job_play;

namespace {

stage_weights drawn(std::mt19937_64& random) {
  stage_weights out{};
  for (auto& w : out)
    w = static_cast<float>(1 + random() % 100) / 100;
  return out;
}

fault missing(const job_play& play, std::mt19937_64& random) {
  fault why;
  why.code = fault_code::not_found;
  std::vector<std::string> keys;
  if (play.state.media)
    keys.push_back(play.state.media->audio.key);
  for (auto& x : play.state.speeches)
    if (x)
      keys.push_back(x->audio.key);
  if (!keys.empty())
    why.subject = keys[random() % keys.size()];
  return why;
}

/// One thing that may happen to a running job.
job_input anything(const job_play& play, std::mt19937_64& random) {
  auto open = play.next();
  if (open.empty())
    return in::told{play.state.debt};
  auto work = open[random() % open.size()];
  switch (random() % 12) {
  case 0:
    return in::control{control_verb::pause, "", "test", "", false};
  case 1:
    return in::gave_up{work, 1, missing(play, random)};
  case 2:
    return in::gave_up{work, 9, {fault_code::server_error, "no", 500, {}}};
  case 3:
    return in::attempt_failed{
      work, 1, {fault_code::timeout, "", 0, {}}, ms{10}};
  default:
    return play.answer(work);
  }
}

} // namespace

TEST_CASE("progress: it never falls in a run, whatever is done again") {
  std::size_t losses = 0;
  std::size_t stops = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    auto weights = drawn(random);
    job_play play{{1 + static_cast<std::uint32_t>(random() % 3),
                   3 + static_cast<std::uint32_t>(random() % 5), "hi"}};
    play.accept();
    double before = 0;
    for (int n = 0; n < 80 && !is_final(play.state.row.status); ++n) {
      auto active = play.state.is_active();
      for (auto& fact : play.feed(
             active ? anything(play, random)
                    : in::control{control_verb::resume, "", "test", "", false}))
        losses += std::holds_alternative<ev::artifact_lost>(fact.body);
      stops += !active;
      auto is = progress_of(play.state, weights);
      REQUIRE(is >= before);
      REQUIRE(is <= 1);
      before = is;
      // A restart of the program shows the same.
      REQUIRE(progress_of(test::fold(play.history), weights) == is);
    }
  }
  CHECK(losses > 100);
  CHECK(stops > 100);
}

TEST_CASE("progress: another run begins with what it keeps") {
  job_play play;
  play.play_until("merge");
  auto before = progress_of(play.state);
  CHECK(before == Approx(0.85));
  play.play_until("report");
  play.feed(in::told{play.state.debt});
  CHECK(progress_of(play.state) == 1);
  play.feed(in::control{control_verb::redo, "merge", "somebody", "", false});
  CHECK(progress_of(play.state) == Approx(before));
}

TEST_CASE("progress: by the weights it is given") {
  job_play play;
  play.play_until("asr");
  stage_weights even;
  even.fill(1);
  CHECK(progress_of(play.state, even) == Approx(2.0 / 8));
  CHECK(progress_of(play.state) == Approx(0.05));
}

TEST_CASE("weights: a job keeps those that held when it began") {
  weight_history all;
  const time_point begin{ms{1'700'000'000'000}};
  CHECK(all.at(begin) == first_weights());
  by_kind<double> learned{1, 1, 1, 1, 1, 1, 1, 1};
  auto next = all.next(learned, begin);
  REQUIRE(next);
  CHECK(next->from > begin); // time to have it kept
  all.add(*next);
  CHECK(all.at(begin) == first_weights());
  CHECK(all.at(next->from) == next->weights);
  CHECK(all.at(next->from + ms{1'000'000'000}) == next->weights);
  // About the same is no reason for another, nor is anything within the hour.
  learned[0] = 1.1;
  CHECK_FALSE(all.next(learned, begin + ms{100'000'000}));
  learned[0] = 9;
  CHECK_FALSE(all.next(learned, begin + ms{600'000}));
  CHECK(all.next(learned, begin + ms{100'000'000}));
}

TEST_CASE("weights: a file's damage is left out, and so are the oldest") {
  weight_history all;
  std::vector<weight_history::version> kept;
  for (int i = 0; i < 3; ++i)
    kept.push_back({time_point{ms{1'000 * (i + 1)}}, first_weights()});
  kept[1].weights[0] = std::numeric_limits<float>::quiet_NaN();
  kept.push_back({time_point{ms{2'000}}, first_weights()}); // not newer
  all.restore(kept);
  CHECK(all.versions().size() == 2);
  for (std::size_t i = 0; i < weight_history::most + 10; ++i)
    all.add({time_point{ms{10'000 + static_cast<ms::rep>(i)}}, {1, 1}});
  CHECK(all.versions().size() == weight_history::most);
  CHECK(all.at(time_point{ms{1}})[1] == 1);
}
