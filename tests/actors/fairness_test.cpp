/// A long film and a short clip: who waits for whom.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;

namespace {

constexpr ms segment{2'000}; ///< a second at translate, a second at tts

/// How long a clip of a minute takes, alone or beside a film of 2,000 segments
/// that is being spoken.
ms clip_takes(bool beside_a_film) {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 16;
  play.start();
  if (beside_a_film) {
    play.workers.shape = {10, 2'000, "hi"};
    play.begin(1);
    play.advance(20s);
    REQUIRE(play.service("tts").running == 8);
    REQUIRE(play.service("tts").waiting > 0);
  }
  play.workers.shape = {1, 6, "hi"};
  auto begun = play.time.now();
  play.begin(2);
  auto merged = [&] {
    auto merges = play.workers.of("merge");
    return !merges.empty() && merges.back().job_id == 2;
  };
  for (auto i = 0; i < 2'000 && !merged(); ++i)
    play.advance(100ms);
  REQUIRE(merged());
  auto took = std::chrono::duration_cast<ms>(play.time.now() - begun);
  if (beside_a_film)
    CHECK(play.status(1) == job_status::running); // it has 250 s to go
  return took;
}

} // namespace

TEST_CASE("fairness: a film of 2,000 segments holds up a clip by one segment") {
  auto alone = clip_takes(false);
  auto beside = clip_takes(true);
  CHECK(beside - alone <= segment);
}
