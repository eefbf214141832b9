/// What each verb does in each state (docs/control.md): a test a cell.
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;
using test::job_play;

namespace {

using v = control_verb;
using s = job_status;

in::control wish(v what, const std::string& stage = {}) {
  in::control out{what, stage, "me", "because", false};
  if (what == v::edit)
    out.edit = std::make_shared<segment_edit>(
      segment_edit{1, std::nullopt, "another translation"});
  return out;
}

const fault away{fault_code::unreachable, "nobody answers", 0, {}};
const fault refused{fault_code::refused, "never", 0, {}};

/// A job in that state, as far as merge.
job_play in_state(s status) {
  job_play play;
  if (status == s::rejected) {
    play.accept();
    play.feed(in::gave_up{
      play.ref("fetch"), 1, {fault_code::not_found, "none", 0, {}}});
    return play;
  }
  play.play_until("merge");
  if (status == s::paused)
    play.feed(wish(v::pause));
  if (status == s::parked)
    play.feed(in::gave_up{play.ref("merge"), 3, away});
  if (status == s::failed)
    play.feed(in::gave_up{play.ref("merge"), 1, refused});
  if (status == s::cancelled)
    play.feed(wish(v::cancel));
  if (status == s::completed) {
    play.play_until("report");
    play.feed(in::told{play.state.debt});
    play.feed(in::delivered{"seen", play.state.debt});
  }
  REQUIRE(play.state.row.status == status);
  return play;
}

struct cell {
  s from;
  v what;
  verdict::kind answer;
  s to;
};

constexpr auto yes = verdict::kind::change;
constexpr auto same = verdict::kind::already;
constexpr auto no = verdict::kind::impossible;

const std::vector<cell> table{
  {s::running, v::cancel, yes, s::cancelled},
  {s::running, v::pause, yes, s::paused},
  {s::running, v::resume, same, s::running},
  {s::running, v::retry, no, s::running},
  {s::running, v::redo, no, s::running},
  {s::running, v::restart, no, s::running},
  {s::running, v::edit, yes, s::running},
  {s::paused, v::cancel, yes, s::cancelled},
  {s::paused, v::pause, same, s::paused},
  {s::paused, v::resume, yes, s::running},
  {s::paused, v::retry, no, s::paused},
  {s::paused, v::redo, no, s::paused},
  {s::paused, v::restart, no, s::paused},
  {s::paused, v::edit, yes, s::paused},
  {s::parked, v::cancel, yes, s::cancelled},
  {s::parked, v::pause, no, s::parked},
  {s::parked, v::resume, yes, s::running},
  {s::parked, v::retry, yes, s::running},
  {s::parked, v::redo, yes, s::running},
  {s::parked, v::restart, yes, s::running},
  {s::parked, v::edit, yes, s::running},
  {s::completed, v::cancel, no, s::completed},
  {s::completed, v::pause, no, s::completed},
  {s::completed, v::resume, no, s::completed},
  {s::completed, v::retry, no, s::completed},
  {s::completed, v::redo, yes, s::running},
  {s::completed, v::restart, yes, s::running},
  {s::completed, v::edit, yes, s::running},
  {s::failed, v::cancel, no, s::failed},
  {s::failed, v::pause, no, s::failed},
  {s::failed, v::resume, no, s::failed},
  {s::failed, v::retry, yes, s::running},
  {s::failed, v::redo, yes, s::running},
  {s::failed, v::restart, yes, s::running},
  {s::failed, v::edit, yes, s::running},
  {s::cancelled, v::cancel, same, s::cancelled},
  {s::cancelled, v::pause, no, s::cancelled},
  {s::cancelled, v::resume, no, s::cancelled},
  {s::cancelled, v::retry, no, s::cancelled},
  {s::cancelled, v::redo, yes, s::running},
  {s::cancelled, v::restart, yes, s::running},
  {s::cancelled, v::edit, yes, s::running},
  {s::rejected, v::cancel, no, s::rejected},
  {s::rejected, v::pause, no, s::rejected},
  {s::rejected, v::resume, no, s::rejected},
  {s::rejected, v::retry, no, s::rejected},
  {s::rejected, v::redo, no, s::rejected},
  {s::rejected, v::restart, yes, s::running},
  {s::rejected, v::edit, no, s::rejected},
};

} // namespace

TEST_CASE("control: every verb in every state") {
  for (auto& x : table) {
    CAPTURE(std::string{to_string(x.from)}, std::string{to_string(x.what)});
    auto play = in_state(x.from);
    auto asked = wish(x.what, x.what == v::redo ? "tts" : "");
    auto fits = judge(play.state, asked);
    CHECK(fits.what == x.answer);
    CHECK(fits.why.empty() == (x.answer != no));
    auto facts = play.feed(asked);
    CHECK(facts.empty() == (x.answer != yes));
    CHECK(play.state.row.status == x.to);
    CHECK(test::fold(play.history) == play.state);
    if (x.to == s::running && x.from != s::running)
      CHECK_FALSE(play.next().empty()); // it goes on
  }
}

TEST_CASE("control: results of open calls count while paused or parked") {
  for (auto status : {s::paused, s::parked}) {
    job_play play{{1, 3, "hi"}};
    play.play_until("translate");
    play.feed(play.answer(play.ref("translate", 0)));
    play.feed(play.answer(play.ref("tts", 0)));
    REQUIRE(play.next().size() > 1);
    if (status == s::paused)
      play.feed(wish(v::pause));
    else
      play.feed(in::gave_up{play.ref("translate", 1), 3, away});
    CHECK(play.next().empty());
    CHECK_FALSE(play.feed(play.answer(play.ref("translate", 2))).empty());
    play.feed(wish(v::resume));
    auto open = play.next();
    CHECK(std::count(open.begin(), open.end(), play.ref("translate", 2)) == 0);
    CHECK(std::count(open.begin(), open.end(), play.ref("translate", 1)) == 1);
  }
}

TEST_CASE("control: a pause keeps the count of attempts, a retry begins anew") {
  auto work = in_state(s::running).ref("merge");
  for (auto again : {v::resume, v::retry}) {
    auto play = in_state(s::running);
    play.feed(in::attempt_failed{work, 2, away, ms{4'000}});
    if (again == v::resume)
      play.feed(wish(v::pause));
    else
      play.feed(in::gave_up{work, 3, away});
    play.feed(wish(again));
    CHECK(bool(play.stage("merge").retry_of(0)) == (again == v::resume));
  }
}

TEST_CASE("control: a retry takes the debt of the failure back") {
  auto play = in_state(s::failed);
  REQUIRE(play.state.owed);
  play.feed(wish(v::retry));
  CHECK_FALSE(play.state.owed);
  CHECK_FALSE(play.row->owes_report);
  CHECK(play.state.row.run == 1);
  CHECK_FALSE(play.state.error);
  play.play_until("report");
  CHECK(play.state.owed->status == "COMPLETED");
}

TEST_CASE("control: redo repeats the stage and what rests on it, only that") {
  auto play = in_state(s::completed);
  auto facts = play.feed(wish(v::redo, "tts"));
  CHECK(std::get<ev::run_started>(facts[0].body).from == "tts");
  CHECK(facts[0].run == 2);
  CHECK(facts.back().run == 2);
  CHECK(play.state.row.run == 2);
  CHECK(play.stage("translate").status == stage_status::done);
  CHECK(play.stage("tts").status == stage_status::running);
  CHECK(play.stage("merge").status == stage_status::pending);
  CHECK(play.state.output_object_key.empty());
  auto order = make_order(play.state, play.ref("tts"));
  CHECK(order->generation == 1); // another call key
  CHECK(order->run == 2);
  play.play_until("report");
  CHECK(play.state.owed->output_object_key == "dubbed_7.mp4");
}

TEST_CASE("control: a restart begins with the fetch and keeps the call keys") {
  auto play = in_state(s::completed);
  play.feed(wish(v::restart));
  CHECK(play.next() == std::vector{play.ref("fetch")});
  CHECK(make_order(play.state, play.ref("fetch"))->generation == 0);
  play.play_until("report");
  CHECK(play.state.row.run == 2);
}

TEST_CASE("control: redo of the report owes it again") {
  auto play = in_state(s::completed);
  play.feed(wish(v::redo, "report"));
  REQUIRE(play.state.owed);
  CHECK(play.state.owed->output_object_key == "dubbed_7.mp4");
  CHECK_FALSE(play.feed(in::told{play.state.debt}).empty());
  CHECK(play.state.row.status == s::completed);
}

TEST_CASE("control: a parked job fails when its time is over, not before") {
  auto play = in_state(s::parked);
  auto until = *play.state.parked_until;
  CHECK(play.feed(in::park_over{}).empty());
  play.now = until;
  auto facts = play.feed(in::park_over{});
  CHECK(play.state.row.status == s::failed);
  CHECK(std::get<ev::report_owed>(facts.back().body).report.status == "FAILED");
  CHECK(play.feed(in::park_over{}).empty());
}

TEST_CASE("control: a file lost while parked, then failed and retried") {
  job_play play{{2, 4, "hi"}};
  play.play_until("asr");
  fault busy{fault_code::busy, "ASR is busy", 503, {}};
  play.feed(in::gave_up{play.ref("asr", 0), 6, busy});
  REQUIRE(play.state.row.status == s::parked);
  fault gone{fault_code::not_found, "the store has no object", 0, {}};
  gone.subject = play.state.media->audio.key;
  play.feed(in::gave_up{play.ref("asr", 1), 1, gone});
  CHECK(play.stage("asr").status == stage_status::pending);

  play.now = *play.state.parked_until;
  CHECK(play.names(in::park_over{})
        == std::vector<std::string>{"job.failed", "report.owed"});
  play.feed(wish(v::retry));
  play.feed(play.answer(play.ref("extract")));
  CHECK(play.next() == std::vector{play.ref("asr", 0), play.ref("asr", 1)});
}

TEST_CASE("control: the gateway may not exchange a job under a run") {
  auto play = in_state(s::completed);
  play.feed(wish(v::restart));
  auto other = play.answer(play.ref("fetch"));
  std::get<fetched>(other.result).source_object_key = "another.mp4";
  play.feed(other);
  CHECK(play.state.row.status == s::failed);
}

TEST_CASE("artifacts: a lost one is made again, with what rests on it") {
  fault gone{fault_code::not_found, "the store has no object", 0, {}};
  SECTION("the sound of one segment") {
    job_play play{{1, 3, "hi"}};
    play.play_until("merge");
    gone.subject = play.state.speeches[1]->audio.key;
    play.state.speeches[0]->audio.key += "0"; // not the same file
    auto facts = play.feed(in::gave_up{play.ref("merge"), 1, gone});
    REQUIRE(facts.size() == 1);
    CHECK(std::get<ev::artifact_lost>(facts[0].body).item == 1);
    CHECK(play.state.is_active());
    CHECK(play.next() == std::vector{play.ref("tts", 1)});
    CHECK(make_order(play.state, play.ref("tts", 1))->fresh);
    CHECK(play.stage("merge").status == stage_status::pending);
    play.feed(play.answer(play.ref("tts", 1)));
    CHECK(play.next() == std::vector{play.ref("merge")});
  }
  SECTION("the merged video") {
    job_play play;
    play.play_until("upload");
    gone.subject = play.state.result->video.key;
    play.feed(in::gave_up{play.ref("upload"), 1, gone});
    CHECK(play.next() == std::vector{play.ref("merge")});
    play.play_until("report");
    CHECK(play.state.owed->status == "COMPLETED");
    CHECK(test::fold(play.history) == play.state);
  }
  SECTION("the extracted sound, while it is transcribed") {
    job_play play{{2, 3, "hi"}};
    play.play_until("asr");
    play.feed(play.answer(play.ref("asr", 0)));
    gone.subject = play.state.media->audio.key;
    play.feed(in::gave_up{play.ref("asr", 1), 1, gone});
    CHECK(play.next() == std::vector{play.ref("extract")});
    CHECK(make_order(play.state, play.ref("extract"))->fresh);
    play.play_until("merge");
    CHECK(play.stage("merge").status == stage_status::running);
  }
  SECTION("what is not the job's own fails it") {
    job_play play;
    play.play_until("merge");
    gone.subject = "1_source.mp4";
    play.feed(in::gave_up{play.ref("merge"), 1, gone});
    CHECK(play.state.row.status == s::failed);
  }
}
