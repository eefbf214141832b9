/// A person edits segments: which calls that costs, what becomes of those that
/// are open, and of files that have been removed.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"
#include "tests/support/listing_store.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::listing_store;
using test::scripted_reply;
using counts = std::map<std::string, std::uint32_t>;

namespace {

control_command edit(std::uint32_t segment, std::optional<std::string> text,
                     std::optional<std::string> translation) {
  control_command out{control_verb::edit, 7, {}, "a typo", "anna"};
  out.edit = segment_edit{segment, std::move(text), std::move(translation)};
  return out;
}

control_done granted(const std::shared_ptr<std::optional<control_answer>>& a) {
  REQUIRE(a->has_value());
  return std::get<control_done>(**a);
}

/// Calls since the first `from` of them, by stage; those given up count.
counts calls(const coordinator_play& play, std::size_t from) {
  counts out;
  for (auto i = from; i < play.workers.seen.size(); ++i)
    ++out[play.workers.seen[i].stage];
  return out;
}

void complete(coordinator_play& play, std::uint32_t segments) {
  play.workers.shape = {1, segments, "hi"};
  play.start();
  play.begin(7);
  play.advance(600s);
  REQUIRE(play.status(7) == job_status::completed);
}

/// Whose sound each segment has, as the last merge got it.
std::vector<merge_piece> last_pieces(std::vector<merge_input>& merges) {
  REQUIRE_FALSE(merges.empty());
  return merges.back().pieces;
}

} // namespace

TEST_CASE("edit: one of many costs one call of each and a merge") {
  coordinator_play play;
  std::vector<merge_input> merges;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    if (auto in = std::get_if<merge_input>(&order.input))
      merges.push_back(*in);
    return scripted_reply{};
  };
  complete(play, 60);
  auto before = last_pieces(merges);
  auto seen = play.workers.seen.size();
  auto answer = granted(play.give(edit(31, "other words", std::nullopt)));
  CHECK(answer.changed);
  CHECK(answer.job.row.run == 2);
  CHECK(answer.job.row.status == job_status::running);
  CHECK(answer.repeats
        == counts{{"translate", 1},
                  {"tts", 1},
                  {"merge", 1},
                  {"upload", 1},
                  {"report", 1}});
  REQUIRE(answer.segment);
  CHECK(answer.segment->n == 31);
  CHECK(answer.segment->text == "other words");
  CHECK_FALSE(answer.segment->speech);
  play.advance(600s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(calls(play, seen)
        == counts{{"translate", 1}, {"tts", 1}, {"merge", 1}, {"upload", 1}});
  auto after = last_pieces(merges);
  REQUIRE(after.size() == 60);
  for (std::size_t i = 0; i < 60; ++i)
    if (i != 31)
      CHECK(after[i].speech == before[i].speech);
  CHECK(after[31].text == "other words");
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  auto facts = play.facts<ev::segment_edited>(1);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].by == "anna");
  CHECK(facts[0].reason == "a typo");
  CHECK(play.metrics.edited == 1);
}

TEST_CASE("edit: ten lines of a completed job make two merges at most") {
  coordinator_play play;
  complete(play, 20);
  auto seen = play.workers.seen.size();
  for (std::uint32_t n = 0; n < 10; ++n) {
    auto answer
      = granted(play.give(edit(n, std::nullopt, "line " + std::to_string(n))));
    CHECK(answer.changed);
    CHECK(answer.job.row.run == 2);
    play.advance(500ms); // each call takes a second
  }
  play.advance(600s);
  CHECK(play.status(7) == job_status::completed);
  auto cost = calls(play, seen);
  CHECK(cost["translate"] == 0);
  CHECK(cost["tts"] == 10);
  CHECK(cost["merge"] == 1);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
}

TEST_CASE("edit: what is open for the old words is given up, nothing else") {
  coordinator_play play;
  play.workers.shape = {1, 6, "hi"};
  play.workers.script = [](const work_order&, const attempt_info&) {
    scripted_reply reply;
    reply.after = 10s;
    return reply;
  };
  play.start();
  play.begin(7);
  SECTION("speech") {
    play.advance(65s); // segments 1 to 5 are being spoken
    REQUIRE(play.workers.of("tts", 3).size() == 1);
    REQUIRE_FALSE(play.workers.of("tts", 3)[0].ended);
    auto answer = granted(play.give(edit(3, std::nullopt, "new")));
    CHECK(answer.changed);
    CHECK(answer.repeats.empty());
    CHECK(answer.job.row.run == 1);
    play.advance(1s);
    auto spoken = play.workers.of("tts", 3);
    REQUIRE(spoken.size() == 2);
    CHECK(spoken[0].cancelled);
    CHECK_FALSE(spoken[1].ended);
    for (std::uint32_t i : {1, 2, 4, 5})
      CHECK(play.workers.of("tts", i).size() == 1);
    CHECK(play.workers.running("tts") == 5);
  }
  SECTION("the merge") {
    play.advance(75s);
    REQUIRE(play.workers.of("merge").size() == 1);
    REQUIRE_FALSE(play.workers.of("merge")[0].ended);
    CHECK(granted(play.give(edit(0, std::nullopt, "new"))).changed);
    play.advance(15s);
    REQUIRE(play.workers.of("merge").size() == 2);
    CHECK(play.workers.of("merge")[0].cancelled);
    CHECK(play.workers.of("tts", 0).size() == 2);
    CHECK(play.workers.of("tts", 1).size() == 1);
  }
  SECTION("answered at the very moment: the old answer does not count") {
    play.advance(65s);
    REQUIRE_FALSE(play.workers.of("tts", 3)[0].ended);
    play.store.commit_trouble = "the disk is full";
    auto answer = play.give(edit(3, std::nullopt, "new"));
    play.advance(10s); // spoken, while the edit is on its way to the disk
    REQUIRE(play.workers.of("tts", 3)[0].ended);
    CHECK_FALSE(play.workers.of("tts", 3)[0].cancelled);
    CHECK_FALSE(*answer);
    play.store.commit_trouble.clear();
    play.advance(5s);
    CHECK(granted(answer).changed);
    CHECK(play.workers.of("tts", 3).size() == 2);
    for (std::uint32_t i : {1, 2, 4, 5})
      CHECK(play.workers.of("tts", i).size() == 1);
  }
  play.advance(600s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.of("translate", 3).size() == 1);
  CHECK(play.told.rows.at(7).status == "COMPLETED");
  CHECK(play.metrics.restarts.empty());
}

TEST_CASE("edit: a dry run says the same and changes nothing") {
  coordinator_play play;
  listing_store store{play.time};
  play.files = &store;
  complete(play, 5);
  auto events = play.history(1).size();
  auto asked = edit(2, std::nullopt, "new");
  asked.dry_run = true;
  auto foretold = granted(play.give(asked));
  CHECK_FALSE(foretold.changed);
  CHECK(foretold.job.row.status == job_status::completed);
  CHECK(foretold.segment->translation != "new");
  play.advance(60s);
  CHECK(play.history(1).size() == events);
  asked.dry_run = false;
  CHECK(granted(play.give(asked)).repeats == foretold.repeats);
  CHECK(foretold.repeats.at("tts") == 1);
  CHECK(store.asked == std::vector<std::size_t>{4, 4});
  auto redo = control_command{control_verb::redo, 7, "merge", "", "anna"};
  redo.dry_run = true;
  CHECK(std::holds_alternative<control_impossible>(**play.give(redo)));
  play.advance(600s);
  CHECK(granted(play.give(redo)).repeats
        == counts{{"merge", 1}, {"upload", 1}, {"report", 1}});
}

TEST_CASE("edit: after the files were removed, all is spoken again at once") {
  coordinator_play play;
  listing_store store{play.time};
  play.files = &store;
  complete(play, 150);
  for (auto& x : play.facts<ev::item_completed>(1))
    if (auto sound = std::get_if<spoken>(&x.result))
      store.gone.insert(sound->audio.key);
  auto seen = play.workers.seen.size();
  auto answer = granted(play.give(edit(2, std::nullopt, "new")));
  CHECK(answer.repeats.at("tts") == 150);
  CHECK(answer.repeats.count("translate") == 0);
  CHECK(answer.repeats.count("extract") == 0);
  play.stop(); // it is on record
  play.start();
  play.advance(900s);
  CHECK(play.status(7) == job_status::completed);
  auto cost = calls(play, seen);
  CHECK(cost["tts"] >= 150); // one may have been open at the stop
  CHECK(cost["tts"] <= 151);
  CHECK(cost["merge"] == 1);
  CHECK(play.facts<ev::artifact_lost>(1).empty());
}

TEST_CASE("edit: while nobody knows what is there, nothing is begun") {
  coordinator_play play;
  listing_store store{play.time};
  play.files = &store;
  complete(play, 3);
  auto events = play.history(1).size();
  SECTION("the store is away") {
    store.away = true;
    auto answer = play.give(edit(0, std::nullopt, "new"));
    CHECK(std::get<fault>(**answer).code == fault_code::unreachable);
  }
  SECTION("it does not answer") {
    store.silent = true;
    auto answer = play.give(edit(0, std::nullopt, "new"));
    play.advance(4s);
    CHECK_FALSE(*answer);
    CHECK(play.status(7) == job_status::completed);
    play.advance(2s);
    CHECK(std::get<fault>(**answer).code == fault_code::unreachable);
  }
  CHECK(play.history(1).size() == events);
  store.away = store.silent = false;
  CHECK(granted(play.give(edit(0, std::nullopt, "new"))).changed);
}

TEST_CASE("edit: what is answered when there is nothing to do") {
  coordinator_play play;
  complete(play, 3);
  auto same = edit(1, "words at 10", std::nullopt);
  auto answer = granted(play.give(same));
  CHECK_FALSE(answer.changed);
  CHECK(answer.repeats.empty());
  auto none = std::get<fault>(**play.give(edit(3, "x", std::nullopt)));
  CHECK(none.code == fault_code::not_found);
  CHECK(none.message.find("no segment 3") != std::string::npos);
  auto nobody = edit(0, "x", std::nullopt);
  nobody.job_id = 99;
  CHECK(std::get<fault>(**play.give(nobody)).code == fault_code::not_found);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("edit: a history that was removed cannot be edited") {
  coordinator_play play;
  play.keep = {3600s, 1800s};
  complete(play, 3);
  play.advance(4500s);
  REQUIRE(play.history(1).empty());
  auto answer = **play.give(edit(0, "x", std::nullopt));
  auto no = std::get_if<control_impossible>(&answer);
  REQUIRE(no);
  CHECK(no->why.find("HISTORY_RETENTION") != std::string::npos);
}
