/// A job's whole way through the real actors, in virtual time.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;

TEST_CASE("actors: a job runs through its eight stages and tells the gateway") {
  coordinator_play play;
  play.workers.shape = {2, 6, "hi"};
  play.start();
  play.begin(7);
  play.advance(2s);
  REQUIRE(play.answers.size() == 1);
  auto& answer = std::get<intake_accepted>(play.answers[0]);
  CHECK(answer.fetched);
  CHECK_FALSE(answer.known);

  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  auto row = play.told.rows.at(7);
  CHECK(row.status == "COMPLETED");
  CHECK(row.progress == 100);
  CHECK(row.output_object_key == "dubbed_7.mp4");
  CHECK(play.metrics.reports == std::map<std::string, int>{{"seen", 1}});
  CHECK(play.facts<ev::attempt_failed>(1).empty());
  // 1 fetch, 1 extract, 2 chunks, 6 + 6 segments, merge, upload: each once.
  CHECK(play.workers.seen.size() == 18);
}

TEST_CASE("actors: the first segment alone, then many at once, within limits") {
  coordinator_play play;
  play.workers.shape = {1, 12, "hi"};
  play.policies["translate"].max_concurrent = 5;
  play.policies["tts"].max_concurrent = 2;
  play.start();
  play.begin(7);
  play.advance(120s);
  REQUIRE(play.status(7) == job_status::completed);
  auto pioneer_end = *play.workers.of("tts", 0).front().ended;
  for (auto& x : play.workers.seen)
    if ((x.stage == "translate" || x.stage == "tts") && x.item > 0)
      CHECK(x.began >= pioneer_end);
  CHECK(play.workers.most["translate"] == 5);
  CHECK(play.workers.most["tts"] == 2);
  // Speech does not wait for the last translation.
  CHECK(play.workers.of("tts", 1).front().began
        < *play.workers.of("translate", 11).front().ended);
}

TEST_CASE("actors: a job alone asks for no more than its window at once") {
  coordinator_play play;
  play.workers.shape = {1, 12, "hi"};
  play.window = 3;
  play.start();
  play.begin(7);
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.most["translate"] == 3);
}

TEST_CASE("actors: results are merged in the order of the source") {
  coordinator_play play;
  play.workers.shape = {1, 8, "hi"};
  merge_input plan;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    if (auto merge = std::get_if<merge_input>(&order.input))
      plan = *merge;
    // Later segments answer sooner.
    return test::scripted_reply{ms{9'000} - order.item * ms{1'000}, {}, false};
  };
  play.start();
  play.begin(7);
  play.advance(180s);
  CHECK(play.status(7) == job_status::completed);
  REQUIRE(plan.pieces.size() == 8);
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(plan.pieces[i].text == "words at " + std::to_string(10 * i));
}

TEST_CASE("actors: after a stop in the middle nothing finished is done again") {
  coordinator_play play;
  play.workers.shape = {1, 6, "hi"};
  play.start();
  play.begin(7);
  play.advance(7'500ms); // in the fan-out
  play.stop();
  auto before = play.workers.seen;
  play.start();
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  for (auto& old : before)
    CHECK(play.workers.of(old.stage, old.item).size()
          == (old.cancelled ? 2 : 1));
  CHECK(play.told.rows.at(7).status == "COMPLETED");
}

TEST_CASE("actors: jobs share a gate fairly") {
  coordinator_play play;
  play.workers.shape = {1, 60, "hi"};
  play.policies["tts"].max_concurrent = 2;
  play.start();
  play.begin(1);
  play.advance(12s); // the first one has its whole window in the queue
  play.begin(2);
  play.advance(300s);
  REQUIRE(play.status(1) == job_status::completed);
  REQUIRE(play.status(2) == job_status::completed);
  std::map<std::int64_t, int> served;
  auto begun = play.workers.of("tts", 0)[1].began + ms{3'000};
  for (auto& x : play.workers.seen)
    if (x.stage == "tts" && x.began >= begun && x.began < begun + ms{6'000})
      ++served[x.job_id];
  CHECK(served[1] > 0);
  CHECK(std::abs(served[1] - served[2]) <= 1);
}
