/// Edits of what went wrong, stands still, or has lost its files.
#include "tests/support/edit_play.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("edit: of a failed or parked job, it goes on from there") {
  for (auto code : {fault_code::refused, fault_code::bad_answer}) {
    job_play play{{1, 4, "hi"}};
    play.play_until("translate");
    for (auto work : {play.ref("translate", 0), play.ref("tts", 0),
                      play.ref("translate", 1)})
      play.feed(play.answer(work));
    fault why{code, "not this text", 422, {}};
    play.feed(in::attempt_failed{play.ref("tts", 1), 1, why, ms{1'000}});
    play.feed(in::gave_up{play.ref("tts", 1), 2, why});
    REQUIRE(play.state.error);
    CHECK(repeats(play, edit(1, std::nullopt, "better")).empty());
    play.feed(edit(1, std::nullopt, "better"));
    CHECK(play.state.row.run == 2);
    CHECK_FALSE(play.state.error);
    CHECK_FALSE(play.state.owed);
    CHECK(calls_of(play)
          == counts{{"translate", 2}, {"tts", 3}, {"merge", 1}, {"upload", 1}});
    CHECK(test::fold(play.history) == play.state);
  }
}

TEST_CASE("edit: a degraded segment is whole again") {
  job_play play{{1, 20, "hi"}};
  play.rules.on_exhausted = {{"tts", exhausted::keep_original}};
  play.play_until("translate");
  fault why{fault_code::bad_answer, "an empty file", 200, {}};
  for (auto work = play.next(); !work.empty(); work = play.next())
    if (auto at = std::find(work.begin(), work.end(), play.ref("tts", 7));
        at != work.end())
      play.feed(in::gave_up{*at, 3, why});
    else
      play.feed(play.answer(work.front()));
  play.feed(in::told{play.state.debt});
  REQUIRE(play.state.degraded.count(7) == 1);
  REQUIRE(play.state.row.status == job_status::completed);
  // The same words are tried again, too.
  for (auto& words : {*play.state.translations[7], std::string{"better"}}) {
    auto again = play;
    auto asked = edit(7, std::nullopt, words);
    CHECK(repeats(again, asked)
          == counts{{"merge", 1}, {"upload", 1}, {"report", 1}});
    again.feed(asked);
    CHECK(again.state.degraded.empty());
    CHECK(calls_of(again) == counts{{"tts", 1}, {"merge", 1}, {"upload", 1}});
    CHECK(again.state.owed->activity == "Dubbing complete");
    CHECK(test::fold(again.history) == again.state);
  }
}

TEST_CASE("edit: a job that stands still keeps standing") {
  job_play play{{1, 3, "hi"}};
  play.play_until("merge");
  play.feed(in::control{control_verb::pause, {}, "me", "", false});
  play.feed(edit(1, std::nullopt, "new"));
  CHECK(play.state.row.status == job_status::paused);
  CHECK(play.state.row.run == 1);
  CHECK(play.next().empty());
  play.feed(in::control{control_verb::resume, {}, "me", "", false});
  CHECK(calls_of(play) == counts{{"tts", 1}, {"merge", 1}, {"upload", 1}});
}

TEST_CASE("edit: sound that is gone is spoken again, at once and in one run") {
  auto play = completed(150);
  for (std::uint32_t i = 0; i < 150; ++i) // in truth each has its own
    play.state.speeches[i]->audio.key = "artifacts/" + std::to_string(i);
  auto asked = edit(7, std::nullopt, "new");
  auto needed = files_needed(play.state, asked);
  REQUIRE(needed.size() == 149); // not of what is spoken again anyway
  for (auto& file : needed)
    asked.gone.push_back(file.maker);
  auto all = repeats(play, asked);
  CHECK(all["tts"] == 150);
  CHECK(all["translate"] == 0);
  play.feed(asked);
  // A kept result has lost the same file.
  CHECK(make_order(play.state, play.ref("tts", 0))->fresh);
  CHECK(calls_of(play) == counts{{"tts", 150}, {"merge", 1}, {"upload", 1}});
  SECTION("in a running job nothing has been removed") {
    job_play running{{1, 3, "hi"}};
    running.play_until("merge");
    CHECK(files_needed(running.state, asked).empty());
  }
}

TEST_CASE("redo: what is gone is made again before it is needed") {
  auto play = completed();
  for (std::uint32_t i = 0; i < 4; ++i)
    play.state.speeches[i]->audio.key = "artifacts/" + std::to_string(i);
  auto redo = [](const char* stage) {
    return in::control{control_verb::redo, stage, "anna", "", false};
  };
  CHECK(files_needed(play.state, redo("tts")).empty());
  CHECK(files_needed(play.state, redo("report")).empty());
  CHECK(files_needed(play.state, redo("merge")).size() == 4);
  CHECK(files_needed(play.state, redo("upload")).size() == 8);
  SECTION("the sound") {
    auto asked = redo("merge");
    asked.gone = {play.ref("tts", 0), play.ref("tts", 2)};
    play.feed(asked);
    CHECK(calls_of(play) == counts{{"tts", 2}, {"merge", 1}, {"upload", 1}});
  }
  SECTION("the merged video, and some of the sound") {
    auto asked = redo("upload");
    asked.gone = {play.ref("merge"), play.ref("merge"), play.ref("tts", 1)};
    play.feed(asked);
    CHECK(calls_of(play) == counts{{"tts", 1}, {"merge", 1}, {"upload", 1}});
  }
  SECTION("sound that the merged video is there without") {
    auto asked = redo("upload");
    asked.gone = {play.ref("tts", 1)};
    play.feed(asked);
    CHECK(calls_of(play) == counts{{"upload", 1}});
  }
  CHECK(test::fold(play.history).row == play.state.row);
}
