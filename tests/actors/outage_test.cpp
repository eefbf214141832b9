/// Ten minutes without a neighbour, or without a disk, fail no job: those that
/// are under way when it goes, and those that come meanwhile.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

constexpr std::int64_t jobs = 12;

/// Jobs of many segments, a third of them begun before it happens, a third
/// right at the beginning, a third in the middle. @returns The failed attempts.
std::size_t ten_minutes_without(coordinator_play& play,
                                const std::function<void(bool)>& is_away) {
  play.workers.shape = {1, 6, "hi"};
  play.start();
  for (std::int64_t id = 1; id <= jobs / 3; ++id)
    play.begin(id);
  play.advance(4s); // in the middle of everything
  is_away(true);
  for (auto id = jobs / 3 + 1; id <= 2 * jobs / 3; ++id)
    play.begin(id);
  play.advance(5min);
  for (auto id = 2 * jobs / 3 + 1; id <= jobs; ++id)
    play.begin(id);
  play.advance(5min);
  is_away(false);
  play.advance(20min);
  std::size_t failed = 0;
  for (std::int64_t id = 1; id <= jobs; ++id) {
    INFO("job " << id);
    CHECK(play.status(id) == job_status::completed);
    CHECK(play.told.rows.at(id).status == "COMPLETED");
    failed
      += play.facts<ev::attempt_failed>(static_cast<std::uint64_t>(id)).size();
  }
  return failed;
}

/// All that the service is asked for fails while it is away.
std::size_t without_service(const std::string& service, fault_code code) {
  coordinator_play play;
  auto away = false;
  std::size_t calls = 0;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    auto hit = away && order.service == service;
    calls += hit ? 1 : 0;
    return hit ? fails(code, 100ms) : scripted_reply{};
  };
  auto failed = ten_minutes_without(play, [&](bool is) { away = is; });
  // It was not hammered: five in a row open the breaker, then there are probes.
  CHECK(calls < 60);
  return failed;
}

/// How an outage shows.
fault_code kind_of_outage() {
  return GENERATE(fault_code::unreachable, fault_code::busy,
                  fault_code::server_error, fault_code::timeout);
}

} // namespace

TEST_CASE("outage: ten minutes without ASR fail no job") {
  CHECK(without_service("asr", kind_of_outage()) < 40);
}

TEST_CASE("outage: ten minutes without translation fail no job") {
  CHECK(without_service("translate", kind_of_outage()) < 40);
}

TEST_CASE("outage: ten minutes without TTS fail no job") {
  CHECK(without_service("tts", kind_of_outage()) < 40);
}

TEST_CASE("outage: ten minutes without the media worker fail no job") {
  CHECK(without_service("media", kind_of_outage()) < 40);
}

TEST_CASE("outage: ten minutes without the gateway fail no job") {
  auto code = kind_of_outage();
  coordinator_play play;
  auto away = false;
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return away && order.service == "gateway" ? fails(code, 100ms)
                                              : scripted_reply{};
  };
  play.told.script = [&](const test::patch_seen&) {
    test::patch_fate fate;
    if (away) {
      fate.error = fault{code, "the gateway said no", 0, {}};
      fate.written = false;
    }
    return fate;
  };
  auto is_away = [&](bool is) {
    away = is;
    play.told.get_fault
      = is ? std::optional{fault{code, "away", 0, {}}} : std::nullopt;
  };
  CHECK(ten_minutes_without(play, is_away) < 60);
}

TEST_CASE("outage: ten minutes without the store charge nobody") {
  coordinator_play play;
  auto away = false;
  play.workers.script = [&](const work_order&, const attempt_info&) {
    return away ? fails(fault_code::disk, 100ms) : scripted_reply{};
  };
  auto failed = ten_minutes_without(play, [&](bool is) { away = is; });
  CHECK(failed == 0);
}

TEST_CASE("outage: ten minutes in which the journal cannot write charge "
          "nobody") {
  coordinator_play play;
  play.workers.shape = {1, 6, "hi"};
  play.start();
  for (std::int64_t id = 1; id <= jobs; ++id)
    play.begin(id);
  play.advance(4s);
  play.store.commit_trouble = "read-only file system";
  play.advance(10min);
  // What is done is done once, and what comes next waits for the record.
  CHECK(play.metrics.gates["tts"].running == 0);
  play.store.commit_trouble.clear();
  play.advance(5min);
  for (std::int64_t id = 1; id <= jobs; ++id) {
    CHECK(play.status(id) == job_status::completed);
    CHECK(
      play.facts<ev::attempt_failed>(static_cast<std::uint64_t>(id)).empty());
  }
}

TEST_CASE("outage: ten minutes in which the journal cannot be read fail no "
          "job") {
  coordinator_play play;
  play.start();
  for (std::int64_t id = 1; id <= jobs; ++id)
    play.begin(id);
  play.advance(3s);
  play.stop();
  play.store.read_trouble = "I/O error";
  play.start();
  play.advance(10min);
  play.ask_intake(1);
  play.advance(1s);
  CHECK(std::get<intake_refused>(play.answers.back()).why
        == intake_refused::reason::journal_away);
  play.store.read_trouble.clear();
  play.advance(5min);
  for (std::int64_t id = 1; id <= jobs; ++id)
    CHECK(play.status(id) == job_status::completed);
}

TEST_CASE("outage: one history that cannot be read holds up no other job") {
  coordinator_play play;
  play.start();
  for (std::int64_t id = 1; id <= 3; ++id)
    play.begin(id);
  play.advance(3s);
  play.stop();
  play.store.unreadable_jobs = {2};
  play.start();
  play.advance(10min);
  CHECK(play.status(1) == job_status::completed);
  CHECK(play.status(3) == job_status::completed);
  CHECK(play.journal_trouble().empty());
  play.store.unreadable_jobs.clear();
  play.advance(60s);
  CHECK(play.status(2) == job_status::completed);
}
