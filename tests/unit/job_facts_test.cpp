/// What a job's facts say of where the time went, and what can be fetched.
#include "core/job/facts.hpp"
#include "journal/codec_results.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

using namespace dubber;
using test::job_play;

TEST_CASE("facts: finished stages with their time and their failed attempts") {
  job_play play;
  CHECK(facts_of(play.state).empty());
  play.play_until("translate");
  for (int attempt = 1; attempt <= 2; ++attempt)
    play.feed(in::attempt_failed{play.ref("translate"),
                                 attempt,
                                 {fault_code::busy, "busy", 503, {}},
                                 ms{10}});
  play.feed(in::attempt_failed{
    play.ref("translate"), 3, {fault_code::timeout, "late", 0, {}}, ms{10}});
  play.play_until("upload");
  auto order = make_order(play.state, play.ref("upload"));
  auto& facts = std::get<upload_input>(order->input).facts;
  REQUIRE(facts.size() == 6);
  CHECK(facts[0].stage == "fetch");
  CHECK(facts[0].seconds == Approx(1));
  CHECK(facts[0].failed_attempts.empty());
  CHECK(facts[3].stage == "translate");
  CHECK(facts[3].items == play.state.speech->segments.size());
  CHECK(facts[3].seconds > 3);
  CHECK(facts[3].failed_attempts
        == std::map<fault_code, std::uint32_t>{{fault_code::busy, 2},
                                               {fault_code::timeout, 1}});
  CHECK(facts[5].stage == "merge");
}

TEST_CASE("facts: what can be fetched grows, and ends under its final names") {
  job_play play;
  play.play_until("extract");
  CHECK(artifacts_of(play.state).empty());
  play.play_until("asr");
  CHECK(artifacts_of(play.state).count("audio") == 1);
  play.play_until("upload");
  auto merged = artifacts_of(play.state);
  CHECK(merged.size() == 5);
  CHECK(merged["video"] == play.state.result->video.key);
  auto end = play.answer(play.ref("upload"));
  auto files = std::map<std::string, std::string>{
    {"srt", "dubbed_7.srt"}, {"report_html", "dubbed_7.report.html"}};
  end.result = uploaded{"dubbed_7.mp4", files};
  play.feed(end);
  auto last = artifacts_of(play.state);
  CHECK(last["video"] == "dubbed_7.mp4");
  CHECK(last["srt"] == "dubbed_7.srt");
  CHECK(last["report_html"] == "dubbed_7.report.html");
  CHECK(last["vtt"] == play.state.result->vtt.key);
}

TEST_CASE("facts: a record of an upload from before the files can be read") {
  auto old = nlohmann::json::parse(
    R"({"kind":"uploaded","output_object_key":"dubbed_7.mp4"})");
  CHECK(result_from_json(old) == work_result{uploaded{"dubbed_7.mp4"}});
  work_result now = uploaded{"dubbed_7.mp4", {{"srt", "dubbed_7.srt"}}};
  CHECK(result_from_json(result_to_json(now)) == now);
}
