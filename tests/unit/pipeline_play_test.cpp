/// Jobs on pipelines of their own: branches, calls by segments, barriers.
#include "core/job/inputs.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"
#include "tests/support/pipelines.hpp"

using namespace dubber;
using test::fetched_with;
using test::job_play;
using names = std::vector<std::string>;

namespace {

job_play play_of(const std::string& pipeline, test::dub_shape shape = {}) {
  job_play play{shape};
  play.state.book = &test::book_of_all();
  play.feed(in::accept{7, 1, pipeline, 0, "test", ""});
  return play;
}

void answer(job_play& play, std::string_view stage, std::uint32_t item = 0) {
  INFO(stage << ' ' << item);
  REQUIRE_FALSE(play.feed(play.answer(play.ref(stage, item))).empty());
}

bool may_start(const job_play& play, std::string_view stage,
               std::uint32_t item = 0) {
  auto all = play.next();
  return std::find(all.begin(), all.end(), play.ref(stage, item)) != all.end();
}

void play_to_end(job_play& play) {
  for (auto work = play.next(); !work.empty(); work = play.next())
    play.feed(play.answer(work.front()));
  play.feed(in::told{play.state.debt});
}

job_state fold_with_book(const job_play& play) {
  job_state out;
  out.row.job_no = 1;
  out.book = &test::book_of_all();
  for (auto& fact : play.history)
    evolve(out, fact);
  return out;
}

} // namespace

TEST_CASE("own pipelines: each goes to its end, and its history tells it") {
  for (auto name : {"music", "polish", "waves"}) {
    INFO(name);
    auto play = play_of(name, {2, 6, "hi"});
    CHECK(play.state.row.pipeline == name);
    play_to_end(play);
    CHECK(play.state.row.status == job_status::completed);
    CHECK(play.state.output_object_key == "dubbed_7.mp4");
    CHECK(fold_with_book(play) == play.state);
    REQUIRE(play.row);
    CHECK(play.row->pipeline == name);
  }
}

TEST_CASE(
  "own pipelines: branches run side by side, the merge waits for both") {
  auto play = play_of("music");
  answer(play, "fetch");
  answer(play, "extract");
  CHECK(may_start(play, "separate"));
  CHECK(may_start(play, "asr"));
  while (play.stage("tts").status != stage_status::done) {
    auto all = play.next();
    auto work = *std::find_if(all.begin(), all.end(), [&](auto& x) {
      return x != play.ref("separate");
    });
    play.feed(play.answer(work));
  }
  CHECK(play.stage("merge").status == stage_status::pending);
  CHECK(play.next() == std::vector{play.ref("separate")});
  answer(play, "separate");
  auto in = std::get<merge_input>(input_of(play.state, play.ref("merge")));
  REQUIRE(in.background);
  CHECK(in.background->key == "artifacts/separate7");
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
}

TEST_CASE("own pipelines: chunks are known when the sound's branch ends late") {
  auto plan = std::make_shared<pipeline>(*test::music_pipeline());
  for (auto& spec : plan->stages)
    if (spec.name == "asr")
      spec.after = {"extract", "separate"};
  plan->id = plan->name = "late";
  CHECK(put_in_order(*plan).empty());
  pipeline_book book;
  book.offered["late"] = book.known["late"] = plan;
  job_play play{{3, 6, "hi"}};
  play.state.book = &book;
  play.feed(in::accept{7, 1, "late", 0, "test", ""});
  answer(play, "fetch");
  answer(play, "extract");
  answer(play, "separate");
  CHECK(play.stage("asr").items.size() == 3);
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
}

TEST_CASE("own pipelines: calls by segments go on item by item") {
  auto play = play_of("polish", {1, 3, "hi"});
  answer(play, "fetch");
  answer(play, "extract");
  answer(play, "asr");
  // The first goes alone through all three.
  CHECK(play.next() == std::vector{play.ref("translate")});
  answer(play, "translate");
  CHECK(play.next() == std::vector{play.ref("polish")});
  answer(play, "polish");
  CHECK(play.next() == std::vector{play.ref("tts")});
  auto in = std::get<speak_input>(input_of(play.state, play.ref("tts")));
  CHECK(in.text == "polish 0");
  answer(play, "tts");
  answer(play, "translate", 2);
  CHECK(may_start(play, "polish", 2));
  CHECK_FALSE(may_start(play, "polish", 1));
  answer(play, "polish", 2);
  CHECK(may_start(play, "tts", 2));
  CHECK(play.stage("translate").done == 2);
  play_to_end(play);
  auto merged = std::get<merge_input>(input_of(play.state, play.ref("merge")));
  CHECK(merged.pieces[2].translation == "polish 2");
}

TEST_CASE("own pipelines: a call's input has what it points at, and no more") {
  auto play = play_of("waves", {1, 3, "hi"});
  while (play.stage("polish").status == stage_status::pending)
    play.feed(play.answer(play.next().front()));
  auto all = std::get<http_input>(input_of(play.state, play.ref("terms")));
  REQUIRE(all.results.size() == 1);
  CHECK(all.results[0].each);
  CHECK(all.results[0].items.size() == 3);
  CHECK_FALSE(all.segment);
  CHECK(all.seconds == play.state.media->seconds);
  auto one = std::get<http_input>(input_of(play.state, play.ref("polish", 1)));
  REQUIRE(one.results.size() == 1);
  CHECK_FALSE(one.results[0].each);
  CHECK(one.results[0].items
        == std::vector<std::optional<work_result>>{
          translated{*play.state.translations[1]}});
  CHECK(one.segment == play.state.speech->segments[1]);
  CHECK(one.seconds == play.state.speech->segments[1].span.length());
}

TEST_CASE("own pipelines: after a barrier the first goes alone again") {
  auto play = play_of("waves", {1, 3, "hi"});
  answer(play, "fetch");
  answer(play, "extract");
  answer(play, "asr");
  CHECK(play.next() == std::vector{play.ref("translate")});
  answer(play, "translate");
  // What comes after the barrier does not hold these back.
  CHECK(play.next()
        == std::vector{play.ref("translate", 1), play.ref("translate", 2)});
  answer(play, "translate", 2);
  answer(play, "translate", 1);
  CHECK(play.next() == std::vector{play.ref("terms")});
  answer(play, "terms");
  CHECK(play.next() == std::vector{play.ref("polish")});
}

TEST_CASE("own pipelines: optionsJson chooses where the POST did not") {
  auto play = play_of("");
  CHECK(play.state.plan == dubbing_pipeline());
  auto facts = play.names(fetched_with(play, "music"));
  CHECK(facts == names{"stage.completed", "pipeline.chosen", "stage.started"});
  CHECK(play.state.plan == test::music_pipeline());
  CHECK(play.row->pipeline == "music");
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
  CHECK(fold_with_book(play) == play.state);

  auto asked = play_of("polish");
  asked.feed(fetched_with(asked, "music"));
  CHECK(asked.state.plan == test::polish_pipeline());

  auto same = play_of("");
  CHECK(same.names(fetched_with(same, "dub"))
        == names{"stage.completed", "stage.started"});
}

TEST_CASE("own pipelines: one that is not there fails the job, and says so") {
  auto play = play_of("");
  CHECK(play.names(fetched_with(play, "ballet"))
        == names{"stage.failed", "job.failed", "report.owed"});
  CHECK(play.state.error->why.message
        == "there is no pipeline \"ballet\"; there is: dub, music, polish, "
           "waves");
  auto late = play_of("gone");
  CHECK(late.state.row.status == job_status::failed);
  CHECK(late.state.error->why.code == fault_code::invalid_input);
}

TEST_CASE("own pipelines: a restart keeps its own, or takes the one it names") {
  auto play = play_of("music");
  play_to_end(play);
  auto wish = [](const char* pipeline) {
    in::control out{control_verb::restart, "", "somebody", "", false};
    out.pipeline = pipeline;
    return out;
  };
  CHECK(play.names(wish("")) == names{"run.started", "stage.started"});
  CHECK(play.state.plan == test::music_pipeline());
  play_to_end(play);
  CHECK(play.names(wish("polish"))
        == names{"run.started", "pipeline.chosen", "stage.started"});
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
  CHECK(play.state.row.pipeline == "polish");
  CHECK(play.state.answers.size() == 1);
  CHECK(play.names(wish("dub"))
        == names{"run.started", "pipeline.chosen", "stage.started"});
  CHECK(play.state.plan == dubbing_pipeline());
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
  CHECK(fold_with_book(play) == play.state);
}

TEST_CASE("own pipelines: a definition that is not there is noticed") {
  auto play = play_of("music");
  auto lost = test::fold(play.history);
  CHECK(lost.plan_missing);
  CHECK(lost.row.pipeline == "music");
  CHECK_FALSE(fold_with_book(play).plan_missing);
}

TEST_CASE("own pipelines: redo repeats a branch and what rests on it") {
  auto play = play_of("music");
  play_to_end(play);
  auto facts
    = play.names(in::control{control_verb::redo, "separate", "x", "", false});
  CHECK(facts == names{"run.started", "stage.started"});
  CHECK(play.next() == std::vector{play.ref("separate")});
  CHECK(make_order(play.state, play.ref("separate"))->fresh);
  CHECK(play.stage("tts").status == stage_status::done);
  CHECK(play.stage("merge").status == stage_status::pending);
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
}

TEST_CASE("own pipelines: a lost file is made again by the call that made it") {
  auto play = play_of("music");
  while (play.stage("merge").status == stage_status::pending)
    play.feed(play.answer(play.next().front()));
  fault gone{fault_code::not_found, "it is gone", 0, {}, "artifacts/separate7"};
  CHECK(play.names(in::gave_up{play.ref("merge"), 1, gone})
        == names{"artifact.lost", "stage.started"});
  CHECK(play.next() == std::vector{play.ref("separate")});
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
}

TEST_CASE("own pipelines: an edit repeats the calls of its segment") {
  for (auto by_text : {true, false}) {
    auto play = play_of("polish", {1, 3, "hi"});
    play_to_end(play);
    in::control wish{control_verb::edit, "", "x", "", false};
    segment_edit change{1, {}, {}};
    (by_text ? change.text : change.translation) = "other words";
    wish.edit = std::make_shared<segment_edit>(change);
    play.feed(wish);
    CHECK(play.next()
          == std::vector{play.ref(by_text ? "translate" : "polish", 1)});
    answer(play, by_text ? "translate" : "polish", 1);
    CHECK(play.next() == std::vector{play.ref(by_text ? "polish" : "tts", 1)});
    play_to_end(play);
    CHECK(play.state.row.status == job_status::completed);
    CHECK(fold_with_book(play) == play.state);
  }
}

TEST_CASE(
  "own pipelines: a segment left out of the dub skips what rests on it") {
  auto play = play_of("polish", {1, 20, "hi"});
  play.rules.on_exhausted = {{"translate", exhausted::silence}};
  play.play_until("translate");
  play.feed(in::gave_up{play.ref("translate", 3),
                        6,
                        {fault_code::server_error, "it broke", 0, {}}});
  CHECK(play.stage("polish").items[3]);
  CHECK(play.stage("tts").items[3]);
  play_to_end(play);
  CHECK(play.state.row.status == job_status::completed);
  CHECK(fold_with_book(play) == play.state);
}
