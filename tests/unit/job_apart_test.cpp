/// One of several languages cannot be dubbed: the others are, and then a person
/// is asked.
#include "core/job/apart.hpp"
#include "tests/support/edit_play.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

const fault unsupported{
  fault_code::unsupported, "the service does not speak de", 422, {}};
const fault slow{fault_code::timeout, "no answer in time", 0, {}};

job_play begun(std::vector<std::string> further = {"de"}) {
  job_play play{{1, 3, "hi", std::move(further)}};
  play.play_until("translate");
  return play;
}

std::vector<std::string> give_up(job_play& play, const std::string& stage,
                                 const fault& why) {
  return play.names(in::gave_up{play.ref(stage), 1, why});
}

} // namespace

TEST_CASE("apart: the other language is done first, then the job parks") {
  for (auto& why : {unsupported, slow}) {
    auto play = begun();
    CHECK(give_up(play, "translate:de", why)
          == std::vector<std::string>{"language.stopped"});
    CHECK(play.state.is_active());
    CHECK(is_stopped(play.state, play.ref("tts:de", 0)));
    auto calls = calls_of(play);
    CHECK(calls
          == counts{{"translate", 3}, {"tts", 3}, {"merge", 1}, {"upload", 1}});
    CHECK(play.state.row.status == job_status::parked);
    CHECK(play.state.output_object_key == "dubbed_7.mp4");
    CHECK_FALSE(play.state.owed);
    REQUIRE(play.state.error);
    CHECK(play.state.error->stage == "translate:de");
    CHECK(play.state.error->why.message
          == "not dubbed into de: " + why.message);
    CHECK(test::fold(play.history) == play.state);
    // Tried again: only that.
    play.feed(in::control{control_verb::retry, {}, "anna", "", false});
    CHECK(
      calls_of(play)
      == counts{
        {"translate:de", 3}, {"tts:de", 3}, {"merge:de", 1}, {"upload:de", 1}});
    CHECK(play.state.owed->status == "COMPLETED");
    CHECK(test::fold(play.history) == play.state);
  }
}

TEST_CASE("apart: the gateway's own language may be the one") {
  auto play = begun();
  give_up(play, "translate", unsupported);
  calls_of(play);
  CHECK(play.state.row.status == job_status::parked);
  CHECK(play.state.dub(1).output_object_key == "dubbed_7.de.mp4");
  CHECK(play.state.error->why.message.starts_with("not dubbed into hi: "));
}

TEST_CASE("apart: where no language can be dubbed the job fails as ever") {
  auto play = begun();
  give_up(play, "translate", unsupported);
  CHECK(give_up(play, "translate:de", unsupported)
        == std::vector<std::string>{"language.stopped", "stage.failed",
                                    "job.failed", "report.owed"});
  CHECK(play.state.owed->status == "FAILED");
  CHECK(play.state.error->why.message.starts_with("not dubbed into hi, de: "));
  // Another attempt may help one of them: a person decides.
  auto mixed = begun();
  give_up(mixed, "translate", unsupported);
  CHECK(give_up(mixed, "translate:de", slow)
        == std::vector<std::string>{"language.stopped", "job.parked"});
  CHECK(mixed.state.error->stage == "translate:de");
}

TEST_CASE(
  "apart: what is open in a stopped language is recorded, what gives up "
  "there is no news") {
  auto play = begun({"de", "fr"});
  play.feed(play.answer(play.ref("translate:de", 0)));
  play.feed(play.answer(play.ref("tts:de", 0)));
  give_up(play, "translate:fr", slow);
  play.feed(in::gave_up{play.ref("translate:de", 1), 3, slow});
  CHECK(give_up(play, "translate:de", slow).empty());
  CHECK(play.feed(in::gave_up{play.ref("translate:de", 2), 3, slow}).empty());
  CHECK(play.names(play.answer(play.ref("translate:de", 2)))
        == std::vector<std::string>{"segment.translated"});
  for (auto& work : play.next())
    CHECK(play.state.plan->stages[work.stage].lane == 0);
  calls_of(play);
  CHECK(play.state.row.status == job_status::parked);
  CHECK(play.state.error->why.message.starts_with("not dubbed into de, fr: "));
}

TEST_CASE("apart: a redo in one language goes on with the others, afresh") {
  auto play = begun();
  play.feed(in::attempt_failed{play.ref("translate:de"), 1, slow, ms{60'000}});
  give_up(play, "translate:de", unsupported);
  calls_of(play);
  play.now = *play.state.parked_until;
  play.feed(in::park_over{});
  REQUIRE(play.stage("translate:de").status == stage_status::failed);
  play.feed(in::control{control_verb::redo, "merge", "anna", "", false});
  CHECK(play.state.stages[play.ref("translate:de").stage].retry_of(0)
        == nullptr);
  CHECK(calls_of(play)
        == counts{{"merge", 1},
                  {"upload", 1},
                  {"translate:de", 3},
                  {"tts:de", 3},
                  {"merge:de", 1},
                  {"upload:de", 1}});
  CHECK(play.state.owed->status == "COMPLETED");
  CHECK(test::fold(play.history) == play.state);
}

TEST_CASE("apart: a stage for all languages stops the whole job") {
  job_play play{{1, 3, "hi", {"de"}}};
  play.play_until("asr");
  CHECK(give_up(play, "asr", slow).front() == "chunk.halved");
  job_play early{{1, 3, "hi", {"de"}}};
  early.play_until("extract");
  CHECK(give_up(early, "extract", slow)
        == std::vector<std::string>{"job.parked"});
}

TEST_CASE(
  "apart: while the job is paused it does not park, afterwards it does") {
  auto play = begun();
  give_up(play, "translate:de", slow);
  play.play_until("upload");
  auto last = play.answer(play.ref("upload"));
  play.feed(in::control{control_verb::pause, {}, "anna", "", false});
  CHECK(play.names(last) == std::vector<std::string>{"stage.completed"});
  CHECK(play.state.row.status == job_status::paused);
  CHECK(play.names(in::control{control_verb::resume, {}, "anna", "", false})
        == std::vector<std::string>{"job.resumed", "job.parked"});
  // Parked: resumed with all attempts anew.
  play.feed(in::control{control_verb::resume, {}, "anna", "", false});
  CHECK(play.state.is_active());
  CHECK_FALSE(is_stopped(play.state, play.ref("tts:de", 0)));
}

TEST_CASE("apart: nobody looks, and the job fails in the end") {
  auto play = begun();
  give_up(play, "translate:de", unsupported);
  calls_of(play);
  REQUIRE(play.state.parked_until);
  play.now = *play.state.parked_until;
  play.feed(in::park_over{});
  CHECK(play.state.row.status == job_status::failed);
  CHECK(play.state.owed->activity.find("not dubbed into de")
        != std::string::npos);
  play.feed(in::control{control_verb::retry, {}, "anna", "", false});
  CHECK(calls_of(play)["merge:de"] == 1);
  CHECK(play.state.owed->status == "COMPLETED");
}
