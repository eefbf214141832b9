/// Which pipeline a job has when its first run has come to nothing, and what
/// the languages of one on its own pipeline wait for.
#include "core/job/apart.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"
#include "tests/support/pipelines.hpp"

using namespace dubber;
using test::fetched_with;
using test::job_play;
using names = std::vector<std::string>;

namespace {

job_play play_of(const std::string& pipeline, const pipeline_book& book,
                 test::dub_shape shape = {}) {
  job_play play{std::move(shape)};
  play.state.book = &book;
  play.feed(in::accept{7, 1, pipeline, 0, "test", ""});
  return play;
}

in::control restart(const std::string& pipeline = {}) {
  in::control out{control_verb::restart, "", "somebody", "", false};
  out.pipeline = pipeline;
  return out;
}

/// Parked before the gateway has said a word about it.
job_play never_fetched() {
  auto play = play_of("", test::book_of_all());
  play.feed(in::gave_up{
    play.ref("fetch"), 5, {fault_code::unreachable, "it is down", 0, {}}});
  REQUIRE(play.state.row.status == job_status::parked);
  return play;
}

/// Segments are cleaned once for all languages, then translated in each.
pipeline_book book_with_clean() {
  http_call call;
  call.path.pieces = {"/clean"};
  call.body = text_template{{"[", "]"}, {"/segment/text"}};
  call.text = "/text";
  auto plan = test::with_stages(
    "clean", {test::call_stage("clean", {"asr"}, call, fan_out::segments)}, {},
    [](pipeline& p) {
      auto& spec = p.stages[static_cast<std::size_t>(p.find("translate"))];
      spec.after = {"clean"};
      spec.text_of = "clean";
    });
  pipeline_book out;
  out.offered["clean"] = out.known[plan->id] = plan;
  return out;
}

} // namespace

TEST_CASE("own pipelines: optionsJson chooses in a later run, too, where the "
          "job was not fetched before") {
  auto play = never_fetched();
  play.feed(restart());
  CHECK(play.names(fetched_with(play, "music"))
        == names{"stage.completed", "pipeline.chosen", "stage.started"});
  CHECK(play.state.plan == test::music_pipeline());
  // From then on it keeps it.
  play.feed(in::control{control_verb::cancel, "", "x", "", false});
  play.feed(in::delivered{"seen", play.state.debt});
  play.feed(restart());
  CHECK(play.names(fetched_with(play, "polish"))
        == names{"stage.completed", "stage.started"});
  CHECK(play.state.plan == test::music_pipeline());
}

TEST_CASE("own pipelines: after a name that was none a restart may get one") {
  auto play = play_of("", test::book_of_all());
  play.feed(fetched_with(play, "ballet"));
  REQUIRE(play.state.row.status == job_status::failed);
  play.feed(restart());
  play.feed(fetched_with(play, "music"));
  CHECK(play.state.plan == test::music_pipeline());
}

TEST_CASE("own pipelines: what a restart names counts before optionsJson") {
  for (std::string name : {"polish", "dub"}) {
    INFO(name);
    auto play = never_fetched();
    CHECK(play.names(restart(name))
          == names{"run.started", "pipeline.chosen", "stage.started"});
    CHECK(play.names(fetched_with(play, "music"))
          == names{"stage.completed", "stage.started"});
    CHECK(play.state.row.pipeline == name);
  }
}

TEST_CASE("own pipelines: a language that is stopped at its first segment does "
          "not hold back what all languages share") {
  auto book = book_with_clean();
  auto play = play_of("clean", book, {1, 3, "hi", {"de"}});
  play.play_until("translate:de");
  play.feed(play.answer(play.ref("clean", 0)));
  CHECK(play.names(in::gave_up{
          play.ref("translate:de", 0),
          5,
          {fault_code::unsupported, "the service does not speak de", 422, {}}})
        == names{"language.stopped"});
  for (auto work = play.next(); !work.empty(); work = play.next())
    play.feed(play.answer(work.front()));
  CHECK(play.stage("clean").status == stage_status::done);
  CHECK(play.stage("upload").status == stage_status::done);
  CHECK(play.state.row.status == job_status::parked);
}

TEST_CASE("own pipelines: a translation by hand does not let others go before "
          "the first segment") {
  auto play = play_of("waves", test::book_of_all());
  play.play_until("translate");
  in::control wish{control_verb::edit, "", "somebody", "", false};
  wish.edit = std::make_shared<segment_edit>(segment_edit{2, {}, "by hand"});
  play.feed(wish);
  CHECK(play.stage("translate").done == 1);
  CHECK(play.next() == std::vector{play.ref("translate", 0)});
  play.feed(play.answer(play.ref("translate", 0)));
  CHECK(play.next() == std::vector{play.ref("translate", 1)});
}
