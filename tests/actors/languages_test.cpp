/// A job of several languages, through the real actors: what is called once,
/// what once for each, and what becomes of a language that gives up.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::scripted_reply;
using counts = std::map<std::string, std::uint32_t>;

namespace {

/// Calls by stage.
counts calls(const coordinator_play& play, std::size_t from = 0) {
  counts out;
  for (auto i = from; i < play.workers.seen.size(); ++i)
    ++out[play.workers.seen[i].stage];
  return out;
}

void begin(coordinator_play& play, std::uint32_t segments = 4) {
  play.workers.shape = {1, segments, "hi", {"de"}};
  play.start();
  play.begin(7);
}

const counts all{{"fetch", 1},     {"extract", 1},      {"asr", 1},
                 {"translate", 4}, {"tts", 4},          {"merge", 1},
                 {"upload", 1},    {"translate:de", 4}, {"tts:de", 4},
                 {"merge:de", 1},  {"upload:de", 1}};

} // namespace

TEST_CASE("languages: one ASR, a dub for each") {
  coordinator_play play;
  std::set<std::string> stages;
  play.metrics.on_stage_ended = [&](std::string_view stage) {
    stages.emplace(stage);
  };
  begin(play);
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(calls(play) == all);
  CHECK(play.told.rows.at(7).output_object_key == "dubbed_7.mp4");
  // Labels of metrics do not grow with the languages.
  CHECK(stages
        == std::set<std::string>{"fetch", "extract", "asr", "translate", "tts",
                                 "merge", "upload", "report"});
}

TEST_CASE("languages: what was finished before a crash is not done again") {
  coordinator_play play;
  begin(play);
  play.advance(6s);
  REQUIRE(play.status(7) == job_status::running);
  auto before = play.workers.seen.size();
  std::size_t open = 0;
  for (auto& x : play.workers.seen)
    open += !x.ended;
  play.stop();
  play.start();
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.seen.size() == 23 + open);
  CHECK(before > 3);
}

TEST_CASE("languages: the one that gives up keeps no other from its end") {
  coordinator_play play;
  auto broken = true;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    scripted_reply out;
    if (broken && order.stage == "tts:de" && order.item == 2)
      out.outcome = fault{fault_code::unsupported, "no such voice", 422, {}};
    return out;
  };
  begin(play);
  play.advance(120s);
  CHECK(play.status(7) == job_status::parked);
  auto seen = calls(play);
  CHECK(seen["upload"] == 1);
  CHECK(seen.count("merge:de") == 0);
  REQUIRE(play.facts<ev::language_stopped>(1).size() == 1);
  CHECK(play.facts<ev::language_stopped>(1)[0].language == "de");
  auto parked = play.facts<ev::job_parked>(1).at(0);
  CHECK(parked.why.message == "not dubbed into de: no such voice");
  // Also in another life; a person tries it again.
  play.stop();
  play.start();
  play.advance(10s);
  CHECK(calls(play) == seen);
  broken = false;
  auto from = play.workers.seen.size();
  play.control(7, control_verb::retry);
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  auto more = calls(play, from);
  CHECK(more["merge:de"] == 1);
  CHECK(more.count("merge") == 0);
  CHECK(more.count("tts") == 0);
}

TEST_CASE("languages: nothing of a stopped one waits or is called any more") {
  coordinator_play play;
  play.policies["tts"].max_concurrent = 1;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    scripted_reply out;
    if (order.stage == "translate:de" && order.item > 0)
      out.outcome = fault{fault_code::refused, "no", 400, {}};
    return out;
  };
  begin(play, 8);
  play.advance(300s);
  CHECK(play.status(7) == job_status::parked);
  REQUIRE(play.facts<ev::language_stopped>(1).size() == 1);
  CHECK(calls(play)["upload"] == 1);
  auto view = play.view(7);
  REQUIRE(view.results.size() == 2);
  CHECK(view.results[0].state == "done");
  CHECK(view.results[1].state == "stopped");
  REQUIRE(view.results[1].error);
  CHECK(view.results[1].error->stage == "translate:de");
  for (auto& stage : view.stages)
    CHECK_FALSE(stage.waiting_for);
}

TEST_CASE("languages: segments are shown in each, and in no other") {
  coordinator_play play;
  begin(play);
  play.advance(120s);
  job_query query{job_query::what::segments, 7};
  auto first = std::get<segments_page>(play.ask(query));
  CHECK(first.items.at(1).translation->starts_with("hi: "));
  query.language = "DE";
  auto second = std::get<segments_page>(play.ask(query));
  CHECK(second.items.at(1).translation->starts_with("de: "));
  query.language = "fr";
  auto none = std::get<fault>(play.ask(query));
  CHECK(none.code == fault_code::not_found);
  CHECK(none.message == "the job is not dubbed into fr, but hi, de");
}

TEST_CASE("languages: an edit of one ends nothing of the other") {
  coordinator_play play;
  begin(play);
  play.advance(120s);
  REQUIRE(play.status(7) == job_status::completed);
  auto from = play.workers.seen.size();
  control_command wish{control_verb::edit, 7, {}, "a typo", "anna"};
  wish.edit = segment_edit{2, std::nullopt, "anders", "de"};
  auto answer = play.give(wish);
  REQUIRE(answer->has_value());
  auto& done = std::get<control_done>(**answer);
  CHECK(
    done.repeats
    == counts{{"tts:de", 1}, {"merge:de", 1}, {"upload:de", 1}, {"report", 1}});
  CHECK(done.segment->translation == "anders");
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(calls(play, from)
        == counts{{"tts:de", 1}, {"merge:de", 1}, {"upload:de", 1}});
}
