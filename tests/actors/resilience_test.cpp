/// Retries, timeouts, breakers and failing segments, in virtual time.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

/// One stage answers as `script` says, everything else without fault.
auto only(std::string stage,
          std::function<scripted_reply(const attempt_info&)> script) {
  return [stage, script](const work_order& order, const attempt_info& info) {
    return order.stage == stage ? script(info) : scripted_reply{};
  };
}

std::vector<ms> gaps(const std::vector<test::attempt_seen>& attempts) {
  std::vector<ms> out;
  for (std::size_t i = 1; i < attempts.size(); ++i)
    out.push_back(attempts[i].began - *attempts[i - 1].ended);
  return out;
}

} // namespace

TEST_CASE("actors: a failed attempt is tried again, later and later") {
  coordinator_play play;
  play.workers.script = only("asr", [](const attempt_info& info) {
    return info.number < 4 ? fails(fault_code::server_error) : scripted_reply{};
  });
  play.start();
  play.begin(7);
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  auto attempts = play.workers.of("asr");
  CHECK(gaps(attempts) == std::vector<ms>{1s, 2s, 4s});
  CHECK(attempts.back().number == 4);
  auto failed = play.facts<ev::attempt_failed>(1);
  REQUIRE(failed.size() == 3);
  CHECK(failed[2].attempt == 3);
  CHECK(failed[2].pause == 4s);
}

TEST_CASE("actors: the pauses have jitter when the policy says so") {
  coordinator_play play;
  play.policies["asr"].retry.jitter = true;
  play.workers.script = only("asr", [](const attempt_info& info) {
    return info.number < 4 ? fails(fault_code::server_error) : scripted_reply{};
  });
  play.start();
  play.begin(7);
  play.advance(60s);
  auto pauses = gaps(play.workers.of("asr"));
  REQUIRE(pauses.size() == 3);
  CHECK(pauses[0] <= 1s);
  CHECK(pauses[1] <= 2s);
  CHECK(pauses[2] <= 4s);
  CHECK(pauses != std::vector<ms>{1s, 2s, 4s});
}

TEST_CASE("actors: a neighbour's Retry-After is honoured") {
  coordinator_play play;
  play.workers.script = only("asr", [](const attempt_info& info) {
    return info.number == 1 ? fails(fault_code::busy, 1s, 25s)
                            : scripted_reply{};
  });
  play.start();
  play.begin(7);
  play.advance(60s);
  CHECK(gaps(play.workers.of("asr")) == std::vector<ms>{25s});
}

TEST_CASE("actors: an attempt has a deadline that grows with the sound") {
  coordinator_play play;
  play.workers.shape = {1, 6, "hi"}; // 60 s
  play.policies["asr"].attempt_timeout = {20s, 500ms};
  play.workers.script = only("asr", [](const attempt_info& info) {
    return scripted_reply{info.number == 1 ? 3h : ms{1s}, {}, false};
  });
  play.start();
  play.begin(7);
  play.advance(180s);
  CHECK(play.status(7) == job_status::completed);
  auto attempts = play.workers.of("asr");
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].timeout == 50s);
  CHECK(*attempts[0].ended - attempts[0].began == 50s);
  auto failed = play.facts<ev::attempt_failed>(1);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].why.code == fault_code::timeout);
}

TEST_CASE("actors: used-up attempts survive a restart, and the pause goes on") {
  coordinator_play play;
  play.workers.script = only("asr", [](const attempt_info& info) {
    return info.number < 4 ? fails(fault_code::server_error) : scripted_reply{};
  });
  play.start();
  play.begin(7);
  play.advance(9s); // in the pause of 4 s before the fourth attempt
  REQUIRE(play.workers.of("asr").size() == 3);
  play.stop();
  play.start();
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  auto attempts = play.workers.of("asr");
  CHECK(gaps(attempts) == std::vector<ms>{1s, 2s, 4s});
  CHECK(attempts.back().number == 4);
}

TEST_CASE("actors: work is held while a breaker is open, no attempt is used") {
  coordinator_play play;
  play.policies["media"].max_concurrent = 3;
  play.policies["asr"].breaker = {3, 30s, 1};
  play.policies["asr"].retry.max_attempts = 4;
  auto down = true;
  auto fail_while_down = [&](const attempt_info&) {
    return down ? fails(fault_code::unreachable, 10ms) : scripted_reply{};
  };
  play.workers.script = only("asr", fail_while_down);
  play.start();
  for (auto id = 1; id <= 3; ++id)
    play.begin(id);
  play.advance(8s);
  CHECK(play.service("asr").breaker == "open");
  CHECK(play.workers.seen.size() == 6 + 3); // three jobs, three attempts
  auto before = play.workers.of("asr").size();
  auto waiting = play.view(1).waiting_for;
  REQUIRE(waiting);
  CHECK(waiting->service == "asr");

  // Half open: one probe at a time, whatever waits.
  play.advance(22s);
  CHECK(play.service("asr").waiting == 3);
  play.advance(10s);
  CHECK(play.workers.of("asr").size() == before + 1);
  CHECK(play.service("asr").waiting == 3);
  CHECK(play.service("asr").breaker == "open");

  down = false;
  play.advance(120s);
  CHECK(play.service("asr").breaker == "closed");
  for (auto id = 1; id <= 3; ++id)
    CHECK(play.status(id) == job_status::completed);
  for (std::uint64_t job_no = 1; job_no <= 3; ++job_no)
    CHECK(play.facts<ev::attempt_failed>(job_no).size() <= 2);
}

TEST_CASE("actors: ten minutes without a neighbour fail no job") {
  coordinator_play play;
  auto& policy = play.policies["translate"];
  policy.breaker = {2, 30s, 1};
  policy.retry.max_attempts = 30;
  auto up_at = play.time.now() + 10min;
  play.workers.shape = {1, 10, "hi"};
  play.workers.script = only("translate", [&](const attempt_info&) {
    return play.time.now() < up_at ? fails(fault_code::unreachable, 5ms)
                                   : scripted_reply{};
  });
  play.start();
  play.begin(7);
  play.advance(15min);
  CHECK(play.status(7) == job_status::completed);
  // Two to open it, then one probe each half minute.
  CHECK(play.facts<ev::attempt_failed>(1).size() <= 2 + 20);
}

TEST_CASE("actors: a full disk is nobody's attempt") {
  coordinator_play play;
  auto full = true;
  play.workers.script = only("merge", [&](const attempt_info&) {
    return full ? fails(fault_code::disk, 10ms) : scripted_reply{};
  });
  play.start();
  play.begin(7);
  play.advance(5min);
  CHECK(play.status(7) == job_status::running);
  CHECK(play.facts<ev::attempt_failed>(1).empty());
  CHECK(play.view(7).waiting_for->kind == "disk");
  CHECK(play.service("media").breaker == "closed");
  full = false;
  play.advance(30s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.workers.of("merge").back().number == 1);
}

TEST_CASE("actors: a segment that can never succeed fails its job at once") {
  coordinator_play play;
  play.workers.shape = {1, 8, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.job_id == 7 && order.stage == "translate" && order.item == 5
             ? fails(fault_code::refused, 100ms)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.begin(8);
  play.advance(60s);
  auto view = play.view(7);
  CHECK(view.row.status == job_status::failed);
  REQUIRE(view.error);
  CHECK(view.error->stage == "translate");
  CHECK(view.error->segment == 5);
  CHECK(play.workers.of("translate", 5).size() == 2); // one a job
  CHECK(play.told.rows.at(7).status == "FAILED");
  CHECK(play.metrics.reports["seen"] == 2);
  // The others' open calls ended with the job, and the next job went on.
  CHECK(play.workers.running("translate") == 0);
  CHECK(play.workers.running("tts") == 0);
  CHECK(play.service("translate").running == 0);
  CHECK(play.status(8) == job_status::completed);
}

TEST_CASE("actors: after the last attempt the job does not run on") {
  coordinator_play play;
  play.workers.shape = {1, 8, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "tts" && order.item == 3
             ? fails(fault_code::bad_answer, 100ms)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(120s);
  CHECK(play.workers.of("tts", 3).size() == 4);
  auto view = play.view(7);
  CHECK(view.row.status != job_status::running);
  CHECK(view.error->segment == 3);
  CHECK(view.error->why.code == fault_code::bad_answer);
  // The attempt that gave up is told by the error, not twice.
  CHECK(play.facts<ev::attempt_failed>(1).size() == 3);
}

TEST_CASE("actors: an outage of ten minutes costs a lone job no attempt more") {
  auto code = GENERATE(fault_code::unreachable, fault_code::busy,
                       fault_code::server_error, fault_code::timeout);
  auto stage
    = GENERATE(as<std::string>{}, "fetch", "asr", "translate", "merge");
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  auto down = true;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return order.stage == stage && down ? fails(code) : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(600s);
  CHECK(play.status(7) == job_status::running);
  down = false;
  play.advance(600s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.facts<ev::job_parked>(1).empty());
}

TEST_CASE("actors: a language that a service does not have costs one call") {
  coordinator_play play;
  play.workers.shape = {1, 50, "hi"};
  play.policies["translate"].on_exhausted = exhausted::keep_original;
  play.workers.script = only("translate", [](const attempt_info&) {
    return fails(fault_code::unsupported);
  });
  play.start();
  play.begin(7);
  play.advance(60s);
  auto view = play.view(7);
  CHECK(view.row.status == job_status::failed);
  CHECK(view.error->why.code == fault_code::unsupported);
  CHECK(play.workers.of("translate").size() == 1); // the first segment's
  CHECK(play.workers.of("translate", 1).empty());
  CHECK(play.service("translate").breaker == "closed");
}

TEST_CASE("actors: a source that is not in the store fails its job") {
  coordinator_play play;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    if (order.stage != "extract" || order.job_id != 7)
      return scripted_reply{};
    return scripted_reply{10ms,
                          fault{fault_code::not_found,
                                "the store has no object '1_film.mp4'",
                                0,
                                {},
                                "1_film.mp4"},
                          false};
  };
  play.start();
  play.begin(7);
  play.begin(8);
  play.advance(60s);
  auto view = play.view(7);
  CHECK(view.row.status == job_status::failed);
  CHECK(view.error->why.message == "the store has no object '1_film.mp4'");
  CHECK(play.workers.of("extract").size() == 2); // one a job
  CHECK(play.told.rows.at(7).status == "FAILED");
  CHECK(play.status(8) == job_status::completed);
}
