/// A person edits one segment: what is done again for it, and what is not.
#include "core/job/progress.hpp"
#include "tests/support/edit_play.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("edit: a new text repeats one translate, one tts and a merge") {
  auto play = completed(500);
  auto before = play.state;
  auto asked = edit(317, "other words", std::nullopt);
  CHECK(repeats(play, asked)
        == counts{{"translate", 1},
                  {"tts", 1},
                  {"merge", 1},
                  {"upload", 1},
                  {"report", 1}});
  CHECK(play.names(asked)
        == std::vector<std::string>{"segment.edited", "run.started"});
  CHECK(play.state.row.run == 2);
  CHECK_FALSE(play.state.owed);
  CHECK(play.state.output_object_key.empty());
  CHECK(play.next() == std::vector{play.ref("translate", 317)});
  auto order = make_order(play.state, play.ref("translate", 317));
  CHECK(std::get<translate_input>(order->input).text == "other words");
  CHECK(order->generation == 0); // the text makes the call key another one
  CHECK(calls_of(play)
        == counts{{"translate", 1}, {"tts", 1}, {"merge", 1}, {"upload", 1}});
  check_others_kept(before, play.state, 317);
  play.feed(in::told{play.state.debt});
  CHECK(play.state.row.status == job_status::completed);
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("edit: a new translation is spoken, not translated") {
  for (auto& words : {text{}, text{"other words"}}) {
    auto play = completed();
    auto before = play.state;
    auto facts = play.feed(edit(0, words, "andere"));
    auto& fact = std::get<ev::segment_edited>(facts[0].body);
    CHECK(fact.by == "anna");
    CHECK(fact.reason == "a typo");
    CHECK(facts[0].run == 1);
    CHECK(facts[1].run == 2);
    CHECK(play.next() == std::vector{play.ref("tts", 0)});
    auto order = make_order(play.state, play.ref("tts", 0));
    CHECK(std::get<speak_input>(order->input).text == "andere");
    CHECK(calls_of(play) == counts{{"tts", 1}, {"merge", 1}, {"upload", 1}});
    CHECK(play.state.translations[0] == "andere");
    CHECK(play.state.speech->segments[0].text
          == words.value_or(before.speech->segments[0].text));
    check_others_kept(before, play.state, 0);
    CHECK(test::fold(play.history) == play.state);
  }
}

TEST_CASE("edit: with the translation that is there, a text changes the report "
          "only") {
  auto play = completed();
  auto same = *play.state.translations[2];
  auto asked = edit(2, "other words", same);
  CHECK(repeats(play, asked)
        == counts{{"merge", 1}, {"upload", 1}, {"report", 1}});
  play.feed(asked);
  auto order = make_order(play.state, play.ref("merge"));
  CHECK(std::get<merge_input>(order->input).pieces[2].text == "other words");
  CHECK(order->generation == 1); // its call key is made of run and generation
  CHECK(calls_of(play) == counts{{"merge", 1}, {"upload", 1}});
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("edit: what is so already changes nothing") {
  auto play = completed();
  auto& words = play.state.speech->segments[1].text;
  for (auto& asked : {edit(1, words, std::nullopt),
                      edit(1, words, play.state.translations[1]),
                      edit(1, std::nullopt, play.state.translations[1])}) {
    CHECK(judge(play.state, asked).what == verdict::kind::already);
    CHECK(play.feed(asked).empty());
    CHECK(repeats(play, asked).empty());
  }
}

TEST_CASE("edit: segments that are not there") {
  auto play = completed();
  auto none = judge(play.state, edit(4, "x", std::nullopt));
  CHECK(none.what == verdict::kind::absent);
  CHECK(none.why.find("no segment 4") != std::string::npos);
  CHECK(play.feed(edit(4, "x", std::nullopt)).empty());
  job_play early;
  early.play_until("asr");
  auto soon = judge(early.state, edit(0, "x", std::nullopt));
  CHECK(soon.what == verdict::kind::impossible);
  CHECK(soon.why.find("transcript") != std::string::npos);
  CHECK(early.feed(edit(0, "x", std::nullopt)).empty());
  play.feed({in::control{control_verb::redo, "asr", "anna", "", false}});
  CHECK(judge(play.state, edit(0, "x", std::nullopt)).what
        == verdict::kind::impossible);
}

TEST_CASE("edit: in a running job, the run goes on with it") {
  job_play play{{1, 4, "hi"}};
  play.play_until("translate");
  for (auto work : {play.ref("translate", 0), play.ref("tts", 0),
                    play.ref("translate", 1), play.ref("translate", 2)})
    play.feed(play.answer(work));
  SECTION("a text before it is translated: nothing is repeated") {
    CHECK(repeats(play, edit(3, "other", std::nullopt)).empty());
    CHECK(play.names(edit(3, "other", std::nullopt))
          == std::vector<std::string>{"segment.edited"});
    CHECK(calls_of(play)
          == counts{{"translate", 1}, {"tts", 3}, {"merge", 1}, {"upload", 1}});
  }
  SECTION("a translation of one that is not translated") {
    play.feed(edit(3, std::nullopt, "andere"));
    CHECK(play.stage("translate").status == stage_status::done);
    CHECK(calls_of(play) == counts{{"tts", 3}, {"merge", 1}, {"upload", 1}});
    CHECK(play.state.translations[3] == "andere");
  }
  SECTION("a text that is translated and not spoken") {
    CHECK(repeats(play, edit(1, "other", std::nullopt))
          == counts{{"translate", 1}});
    play.feed(edit(1, "other", std::nullopt));
    CHECK(calls_of(play)
          == counts{{"translate", 2}, {"tts", 3}, {"merge", 1}, {"upload", 1}});
  }
  CHECK(play.state.row.run == 1);
  CHECK(play.state.owed);
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("edit: while it is merged, ten edits make one merge") {
  job_play play{{1, 12, "hi"}};
  play.play_until("merge");
  auto progress = progress_of(play.state);
  for (std::uint32_t n = 0; n < 10; ++n) {
    play.feed(edit(n, std::nullopt, "line " + std::to_string(n)));
    CHECK(play.stage("merge").status == stage_status::pending);
    CHECK(progress_of(play.state) >= progress);
  }
  CHECK(play.state.row.run == 1);
  CHECK(calls_of(play) == counts{{"tts", 10}, {"merge", 1}, {"upload", 1}});
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("edit: a second one joins the run of the first") {
  auto play = completed();
  play.feed(edit(0, std::nullopt, "one"));
  play.feed(edit(3, std::nullopt, "two"));
  CHECK(play.state.row.run == 2);
  CHECK(calls_of(play) == counts{{"tts", 2}, {"merge", 1}, {"upload", 1}});
}

TEST_CASE("edit: once the result is stored, it is a new run") {
  job_play play{{1, 3, "hi"}};
  play.play_until("report");
  REQUIRE(play.state.owed);
  REQUIRE(play.state.is_active());
  play.feed(edit(1, std::nullopt, "late"));
  CHECK(play.state.row.run == 2);
  CHECK_FALSE(play.state.owed);
  CHECK(play.feed(in::told{play.state.debt})
          .empty()); // of the debt that was taken back
  CHECK(calls_of(play) == counts{{"tts", 1}, {"merge", 1}, {"upload", 1}});
  CHECK(play.state.owed);
}

TEST_CASE("edit: results that were under way for the old words do not count") {
  job_play play{{1, 3, "hi"}};
  play.play_until("merge");
  auto late = play.answer(play.ref("merge"));
  ev::segment_edited by{1, {}, "new", "tts", "anna", ""};
  auto& plan = *play.state.plan;
  CHECK(is_overtaken(plan, "hi", by, play.ref("merge")));
  CHECK(is_overtaken(plan, "hi", by, play.ref("tts", 1)));
  CHECK(is_overtaken(plan, "hi", by, play.ref("translate", 1)));
  CHECK_FALSE(is_overtaken(plan, "hi", by, play.ref("tts", 0)));
  by.from.clear();
  CHECK_FALSE(is_overtaken(plan, "hi", by, play.ref("tts", 1)));
  CHECK(is_overtaken(plan, "hi", by, play.ref("upload")));
  // What waits behind an edit is not decided together with it.
  play.feed(edit(1, std::nullopt, "new"));
  CHECK(play.feed(late).empty());
  auto next = decide_all(
    play.state, {edit(2, std::nullopt, "x"), play.answer({4, 1})}, play.now);
  CHECK(next.used == 1);
}
