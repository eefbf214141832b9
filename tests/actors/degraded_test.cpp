/// Segments that go without, chunks that are cut in two: the whole tree.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

/// Twenty segments, and a TTS that fails at those.
void fail_at(coordinator_play& play, std::set<std::uint32_t> segments,
             fault_code code = fault_code::bad_answer) {
  play.workers.shape = {1, 20, "hi"};
  play.workers.script
    = [segments, code](const work_order& order, const attempt_info&) {
        return order.stage == "tts" && segments.count(order.item) > 0
                 ? fails(code, 100ms)
                 : scripted_reply{};
      };
}

/// ASR breaks at what is longer.
auto deaf_above(double seconds) {
  return [seconds](const work_order& order, const attempt_info&) {
    auto in = std::get_if<transcribe_input>(&order.input);
    return in && in->chunk.length() > seconds
             ? fails(fault_code::server_error, 100ms)
             : scripted_reply{};
  };
}

std::string told_at_last(const coordinator_play& play) {
  auto all = play.told.of_status("COMPLETED");
  return all.empty() ? "" : all.back().update.activity.value_or("");
}

} // namespace

TEST_CASE("actors: a segment that cannot be spoken keeps the original sound") {
  coordinator_play play;
  play.policies["tts"].on_exhausted = exhausted::keep_original;
  fail_at(play, {7, 12});
  play.start();
  play.begin(7);
  play.advance(1h);
  auto view = play.view(7);
  REQUIRE(view.row.status == job_status::completed);
  CHECK(play.workers.of("tts", 7).size() == 4); // all attempts first
  CHECK(told_at_last(play)
        == "Dubbing complete, 2 of 20 segments kept the original sound");
  REQUIRE(view.degraded.size() == 2);
  CHECK(view.degraded_count == 2);
  CHECK(view.degraded[1].segment == 12);
  CHECK(view.degraded[1].what.stage == "tts");
  CHECK(view.degraded[1].what.why.message == "the service said no");
  for (auto& stage : view.stages)
    if (stage.name == "tts") {
      CHECK(stage.items_failed == 2);
      CHECK(stage.items_done == 18);
      CHECK(stage.items_total == 20);
    }
  CHECK(play.metrics.degraded
        == std::map<std::string, int>{{"tts keep_original", 2}});
  auto merge = play.workers.of("merge");
  CHECK(merge.size() == 1);
}

TEST_CASE("actors: beyond the ratio the job parks, a retry starts afresh") {
  coordinator_play play;
  play.policies["tts"].on_exhausted = exhausted::silence;
  fail_at(play, {3, 4, 5});
  play.start();
  play.begin(7);
  play.advance(1h);
  auto view = play.view(7);
  REQUIRE(view.row.status == job_status::parked);
  CHECK(view.error->why.message.find("3 of 20 segments could not be dubbed")
        == 0);
  CHECK(play.told.rows.at(7).status == "PROCESSING");
  // The job goes on from its journal all the same.
  play.stop();
  play.start();
  CHECK(play.status(7) == job_status::parked);
  play.workers.script = nullptr; // mended
  auto calls = play.workers.seen.size();
  play.control(7, control_verb::retry);
  play.advance(1h);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.view(7).degraded.empty());
  CHECK(told_at_last(play) == "Dubbing complete");
  // The three, merge and upload, and what had not been begun; nothing twice.
  for (std::uint32_t i = 0; i < 20; ++i)
    CHECK(play.workers.of("translate", i).size() == 1);
  CHECK(play.workers.seen.size() > calls);
}

TEST_CASE("actors: what was degraded is on record, over a crash") {
  coordinator_play play;
  play.policies["tts"].on_exhausted = exhausted::keep_original;
  fail_at(play, {0}, fault_code::refused); // even the first one
  play.start();
  play.begin(7);
  while (play.facts<ev::item_degraded>(1).empty())
    play.advance(100ms);
  play.stop();
  play.start();
  play.advance(1h);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.facts<ev::item_degraded>(1).size() == 1);
  CHECK(play.workers.of("tts", 0).size() == 1); // refused: not tried again
}

TEST_CASE("actors: an exhausted service whose policy is fail fails the job") {
  coordinator_play play;
  play.policies["translate"].on_exhausted = exhausted::fail;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "translate" && order.item == 0
             ? fails(fault_code::bad_answer, 100ms)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(1h);
  CHECK(play.status(7) == job_status::failed);
  CHECK(play.told.rows.at(7).status == "FAILED");
}

TEST_CASE("actors: an ASR that fails above some length hears the whole film") {
  coordinator_play play;
  play.workers.shape = {1, 12, "hi"}; // two minutes in one
  play.workers.script = deaf_above(40);
  play.start();
  play.begin(7);
  play.advance(1h);
  REQUIRE(play.status(7) == job_status::completed);
  CHECK(play.facts<ev::chunk_halved>(1).size() == 3); // 120 -> 4 of 30
  CHECK(play.metrics.halved == 3);
  for (auto& stage : play.view(7).stages)
    if (stage.name == "asr") {
      CHECK(stage.items_total == 4);
      CHECK(stage.items_done == 4);
    }
  // No more attempts for what is too long than the policy has.
  for (std::uint32_t item : {0, 1, 2})
    CHECK(play.workers.of("asr", item).size() <= 4);
  for (std::uint32_t item : {3, 4, 5, 6})
    CHECK(play.workers.of("asr", item).size() == 1);
}

TEST_CASE("actors: halved chunks go on after a crash") {
  coordinator_play play;
  play.workers.shape = {1, 12, "hi"};
  play.workers.script = deaf_above(40);
  play.start();
  play.begin(7);
  while (play.facts<ev::chunk_halved>(1).size() < 2)
    play.advance(100ms);
  play.stop();
  play.start();
  play.advance(1h);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.facts<ev::chunk_halved>(1).size() == 3);
}
