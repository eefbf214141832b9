/// What of a job may start: order, the first segment alone, the window.
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;
using test::job_play;
using refs = std::vector<work_ref>;

namespace {

job_play spread(std::uint32_t segments) {
  job_play play{{1, segments, "hi"}};
  play.play_until("translate");
  return play;
}

/// With the first segment through translation and speech.
job_play spread_after_pioneer(std::uint32_t segments) {
  auto play = spread(segments);
  play.feed(play.answer(play.ref("translate", 0)));
  play.feed(play.answer(play.ref("tts", 0)));
  return play;
}

} // namespace

TEST_CASE("startable: one after the other, up to the fan-out") {
  job_play play;
  CHECK(play.next().empty());
  play.accept();
  for (auto stage : {"fetch", "extract", "asr"}) {
    CHECK(play.next() == refs{play.ref(stage)});
    play.feed(play.answer(play.ref(stage)));
  }
}

TEST_CASE("startable: all chunks at once") {
  job_play play{{3, 3, "hi"}};
  play.play_until("asr");
  CHECK(play.next()
        == refs{play.ref("asr", 0), play.ref("asr", 1), play.ref("asr", 2)});
}

TEST_CASE("startable: the first segment goes alone through all stages") {
  auto play = spread(4);
  CHECK(play.next() == refs{play.ref("translate", 0)});
  play.feed(play.answer(play.ref("translate", 0)));
  CHECK(play.next() == refs{play.ref("tts", 0)});
  play.feed(play.answer(play.ref("tts", 0)));
  CHECK(play.next()
        == refs{play.ref("translate", 1), play.ref("translate", 2),
                play.ref("translate", 3)});
}

TEST_CASE("startable: a segment is spoken as soon as it is translated") {
  auto play = spread_after_pioneer(4);
  play.feed(play.answer(play.ref("translate", 2)));
  CHECK(play.next()
        == refs{play.ref("translate", 1), play.ref("translate", 3),
                play.ref("tts", 2)});
}

TEST_CASE("startable: the merge waits for every segment") {
  auto play = spread_after_pioneer(2);
  play.feed(play.answer(play.ref("translate", 1)));
  CHECK(play.stage("merge").status == stage_status::pending);
  play.feed(play.answer(play.ref("tts", 1)));
  CHECK(play.next() == refs{play.ref("merge")});
}

TEST_CASE("startable: a single segment is a whole dub") {
  job_play play{{1, 1, "hi"}};
  play.play_until("report");
  CHECK(play.state.owed);
  CHECK(play.state.output_object_key == "dubbed_7.mp4");
}

TEST_CASE("admitted: a job that is not served holds one place at a gate") {
  auto play = spread_after_pioneer(10);
  auto all = play.next();
  REQUIRE(all.size() == 9);
  auto stage = all.front().stage;
  CHECK(admitted(all, {}) == refs{all[0]});
  CHECK(admitted(all, {{stage, {1, 0}}}).empty());
}

TEST_CASE("admitted: a job that is served asks for as much again") {
  auto play = spread_after_pioneer(10);
  auto all = play.next();
  auto stage = all.front().stage;
  CHECK(admitted(all, {{stage, {0, 4}}}) == refs(all.begin(), all.begin() + 4));
  CHECK(admitted(all, {{stage, {3, 4}}}) == refs{all[0]});
  CHECK(admitted(all, {{stage, {4, 4}}}).empty());
  CHECK(admitted(all, {{stage + 1, {4, 4}}}) == refs{all[0]});
}

TEST_CASE("startable: a job alone keeps within the window") {
  auto play = spread_after_pioneer(10);
  auto first = play.next(3);
  CHECK(first
        == refs{play.ref("translate", 1), play.ref("translate", 2),
                play.ref("translate", 3)});
  std::set<work_ref> running{first.begin(), first.end()};
  CHECK(startable(play.state, running, 3).empty());
  // One of them ends: its place is free, and it may be spoken.
  play.feed(play.answer(first[1]));
  running.erase(first[1]);
  CHECK(startable(play.state, running, 3)
        == refs{play.ref("translate", 4), play.ref("tts", 2)});
}

TEST_CASE("startable: what runs is not started again") {
  auto play = spread_after_pioneer(4);
  CHECK(startable(play.state, {play.ref("translate", 2)}, 64)
        == refs{play.ref("translate", 1), play.ref("translate", 3)});
}

TEST_CASE("startable: orders carry all that their work needs") {
  job_play play{{2, 4, "hi"}};
  play.play_until("asr");
  auto chunk = make_order(play.state, play.ref("asr", 1));
  CHECK(chunk->service == "asr");
  auto& heard = std::get<transcribe_input>(chunk->input);
  CHECK(heard.chunk == media_span{20, 40});
  CHECK_FALSE(heard.whole);

  play.play_until("merge");
  auto speech = make_order(play.state, play.ref("tts", 1));
  auto& said = std::get<speak_input>(speech->input);
  CHECK(said.text == "hi: words at 10");
  CHECK(said.slot_seconds == 10); // up to the next one
  auto last = make_order(play.state, play.ref("tts", 3));
  CHECK(std::get<speak_input>(last->input).slot_seconds == 9);

  auto merge = make_order(play.state, play.ref("merge"));
  auto& plan = std::get<merge_input>(merge->input);
  CHECK(plan.pieces.size() == 4);
  CHECK(plan.seconds == 40);
  CHECK(plan.source_object_key == "1_film 7.mp4");
}
