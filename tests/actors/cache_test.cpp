/// Results that other jobs may use, through the whole tree of actors.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"
#include "tests/support/scripted_store.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::chrono_literals;

namespace {

/// Three segments of one chunk; all jobs have the same video.
struct cache_play : coordinator_play {
  cache_play() {
    keep.cache_bytes = 1'000'000'000;
    files = &sources;
  }

  std::size_t calls(std::string_view stage) const {
    return static_cast<std::size_t>(
      std::count_if(workers.seen.begin(), workers.seen.end(),
                    [&](auto& x) { return x.stage == stage; }));
  }

  std::uint32_t cached(std::int64_t job_id, std::string_view stage) {
    for (auto& x : view(job_id).stages)
      if (x.name == stage)
        return x.items_cached;
    return 99;
  }

  /// The jobs, one after the other, each to its end.
  void dub(std::initializer_list<std::int64_t> ids) {
    for (auto id : ids) {
      begin(id);
      advance(60s);
      REQUIRE(status(id) == job_status::completed);
    }
  }

  scripted_store sources{time};
};

} // namespace

TEST_CASE("actors: a second language repeats neither extraction nor ASR") {
  cache_play play;
  play.start();
  play.dub({1});
  play.workers.shape.language = "fr";
  play.dub({2});
  CHECK(play.calls("extract") == 1);
  CHECK(play.calls("asr") == 1);
  CHECK(play.calls("translate") == 6);
  CHECK(play.calls("tts") == 6);
  CHECK(play.calls("merge") == 2);
  CHECK(play.cached(1, "asr") == 0);
  CHECK(play.cached(2, "extract") == 1);
  CHECK(play.cached(2, "asr") == 1);
  CHECK(play.cached(2, "tts") == 0);
  CHECK(play.metrics.cache["hit"] == 2);
  // The same language once more: only what belongs to the job itself.
  play.dub({3});
  CHECK(play.calls("translate") == 6);
  CHECK(play.calls("tts") == 6);
  CHECK(play.calls("merge") == 3);
  CHECK(play.cached(3, "tts") == 3);
  for (auto& x : play.facts<ev::item_completed>(3))
    CHECK(x.attempt == 0);
}

TEST_CASE("actors: another video, another identity: another result") {
  cache_play play;
  play.start();
  play.dub({1});
  play.sources.content = "another";
  play.dub({2});
  CHECK(play.calls("extract") == 2);
  CHECK(play.calls("asr") == 1); // which made the same sound of it
  auto policies = play.policies;
  policies["asr"].identity = "a better model";
  play.change_policies(policies);
  play.dub({3});
  CHECK(play.calls("extract") == 2);
  CHECK(play.calls("asr") == 2);
}

TEST_CASE("actors: two jobs that need the same at once make one call") {
  cache_play play;
  play.start();
  play.begin(1);
  play.begin(2);
  play.advance(1500ms); // both extractions would be under way
  CHECK(play.calls("extract") == 1);
  auto waits = play.view(2).waiting_for;
  REQUIRE(waits);
  CHECK(waits->kind == "result");
  play.advance(60s);
  CHECK(play.status(1) == job_status::completed);
  CHECK(play.status(2) == job_status::completed);
  CHECK(play.calls("extract") == 1);
  CHECK(play.calls("asr") == 1);
  CHECK(play.calls("translate") == 3);
  CHECK(play.calls("tts") == 3);
  CHECK(play.calls("merge") == 2);
  CHECK(play.metrics.cache["shared"] > 0);
}

TEST_CASE("actors: when the leader is cancelled a waiter takes the call over") {
  cache_play play;
  play.start();
  play.begin(1);
  play.begin(2);
  play.begin(3);
  play.advance(1500ms);
  auto leader = play.workers.of("extract").at(0).job_id;
  play.control(leader, control_verb::cancel);
  play.run();
  CHECK(play.workers.of("extract").at(0).cancelled);
  REQUIRE(play.calls("extract") == 2);
  play.advance(60s);
  for (auto id : {1, 2, 3})
    CHECK(play.status(id)
          == (id == leader ? job_status::cancelled : job_status::completed));
  CHECK(play.calls("extract") == 2);
  CHECK(play.calls("asr") == 1);
}

TEST_CASE("actors: what a leader cannot have, its waiters try themselves") {
  cache_play play;
  play.policies["translate"].retry.max_attempts = 1;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    if (order.stage == "translate" && play.calls("translate") == 0)
      return fails(fault_code::bad_answer);
    return scripted_reply{};
  };
  play.start();
  play.begin(1);
  play.begin(2);
  play.advance(60s);
  CHECK(play.calls("translate") == 4); // the first segment's twice
  auto parked = play.status(1) == job_status::parked ? 1 : 2;
  CHECK(play.status(parked) == job_status::parked);
  CHECK(play.status(3 - parked) == job_status::completed);
}

TEST_CASE("actors: one call for two jobs, also over a restart") {
  cache_play play;
  play.start();
  play.begin(1);
  play.begin(2);
  play.advance(1500ms);
  play.stop();
  play.start();
  play.advance(60s);
  CHECK(play.status(1) == job_status::completed);
  CHECK(play.status(2) == job_status::completed);
  CHECK(play.calls("extract") == 2); // once each life
  CHECK(play.calls("asr") == 1);
  play.stop();
  play.start();
  play.dub({3});
  CHECK(play.calls("asr") == 1);
}

TEST_CASE("actors: redo passes over the named stage's result and replaces it") {
  cache_play play;
  play.start();
  play.dub({1});
  auto better = true;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    scripted_reply out;
    if (order.stage == "translate" && order.item == 1 && better)
      out.outcome = work_result{translated{"a better one"}};
    return out;
  };
  play.control(1, control_verb::redo, "translate");
  play.advance(60s);
  CHECK(play.calls("asr") == 1);
  CHECK(play.calls("translate") == 6);
  CHECK(play.calls("tts") == 4); // only one text is another one
  better = false;
  play.dub({2});
  CHECK(play.calls("translate") == 6);
  CHECK(play.calls("tts") == 4);
  auto said = play.facts<ev::item_completed>(2);
  CHECK(std::any_of(said.begin(), said.end(), [](auto& x) {
    return x.result == work_result{translated{"a better one"}};
  }));
}

TEST_CASE("actors: a lost artifact is made again, not found again") {
  cache_play play;
  play.start();
  play.dub({1});
  auto lost = sample_artifact("hi: words at 10").key;
  auto gone = true;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    scripted_reply out;
    if (order.stage == "merge" && gone)
      out.outcome = fault{fault_code::not_found, "it is gone", 0, {}, lost};
    if (order.stage == "tts")
      gone = false;
    return out;
  };
  play.begin(2);
  play.advance(60s);
  CHECK(play.status(2) == job_status::completed);
  CHECK(play.calls("tts") == 4);
}

TEST_CASE("actors: no cache, no sharing") {
  cache_play play;
  play.keep.cache_bytes = 0;
  play.start();
  play.dub({1, 2});
  CHECK(play.calls("asr") == 2);
  CHECK(play.calls("tts") == 6);
  CHECK(play.store.result_numbers()->empty());
}

TEST_CASE("actors: a journal that cannot be read costs a call, no job") {
  cache_play play;
  play.start();
  play.dub({1});
  play.store.result_trouble = "the disk is broken";
  play.dub({2});
  CHECK(play.calls("asr") == 2);
  play.store.result_trouble.clear();
  play.dub({3});
  CHECK(play.calls("asr") == 2);
}

TEST_CASE("actors: kept results are bounded") {
  cache_play play;
  play.keep.cache_bytes = 3'000;
  play.start();
  play.dub({1});
  play.advance(24h);
  CHECK(play.metrics.kept_bytes <= 3'000);
  CHECK(play.metrics.kept > 0);
  play.advance(40 * 24h);
  CHECK(play.metrics.kept == 0);
  play.dub({2});
  CHECK(play.calls("asr") == 2);
}
