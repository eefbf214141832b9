/// What work waits for, and until when, as it is shown.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

/// One service fails while `down` is true.
auto failing(const std::string& service, const bool& down,
             fault_code code = fault_code::server_error) {
  return [service, &down, code](const work_order& order, const attempt_info&) {
    return down && order.service == service ? fails(code) : scripted_reply{};
  };
}

/// Lets time pass until the job's stage has failed so often.
void advance_to_failure(coordinator_play& play, std::size_t failures) {
  while (play.facts<ev::attempt_failed>(1).size() < failures)
    play.advance(100ms);
}

waiting_view wait_of(coordinator_play& play, std::int64_t id = 7) {
  auto wait = play.view(id).waiting_for;
  REQUIRE(wait);
  return *wait;
}

} // namespace

TEST_CASE("waiting: for a retry, until its pause is over") {
  coordinator_play play;
  auto down = true;
  play.workers.script = failing("asr", down);
  play.start();
  play.begin(7);
  advance_to_failure(play, 2); // its pause is 2 s
  auto wait = wait_of(play);
  CHECK(wait.kind == "retry");
  CHECK(wait.service == "asr");
  REQUIRE(wait.until);
  CHECK(*wait.until > play.time.now());
  CHECK(*wait.until <= play.time.now() + 2s);
}

TEST_CASE("waiting: held by a breaker, until the next probe") {
  coordinator_play play;
  auto down = true;
  play.workers.script = failing("asr", down);
  play.policies["asr"].breaker.consecutive = 2;
  play.start();
  play.begin(7);
  advance_to_failure(play, 1);
  while (play.service("asr").breaker == "closed")
    play.advance(100ms);
  auto wait = wait_of(play);
  CHECK(wait.kind == "hold");
  CHECK(wait.service == "asr");
  REQUIRE(wait.until);
  CHECK(wait.until == play.service("asr").held_until);
  play.order("asr", order_verb::open); // by hand: nobody knows until when
  CHECK(wait_of(play).kind == "hold");
  CHECK(!wait_of(play).until);
}

TEST_CASE("waiting: for a permit, behind others") {
  coordinator_play play;
  play.policies["asr"].max_concurrent = 1;
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? scripted_reply{1min, {}, false}
                                : scripted_reply{};
  };
  play.start();
  play.begin(1);
  play.begin(2);
  play.advance(10s);
  CHECK(!play.view(1).waiting_for); // it is being called
  auto wait = wait_of(play, 2);
  CHECK(wait.kind == "permit");
  CHECK(wait.service == "asr");
  CHECK(wait.limit.empty());
}

TEST_CASE("waiting: for a disk, looked at again every five seconds") {
  coordinator_play play;
  auto full = true;
  play.workers.script = failing("media", full, fault_code::disk);
  play.start();
  play.begin(7);
  play.advance(20s);
  auto wait = wait_of(play);
  CHECK(wait.kind == "disk");
  CHECK(wait.service == "media");
  REQUIRE(wait.until);
  CHECK(*wait.until <= play.time.now() + 5s);
}

TEST_CASE("waiting: for the journal, which is a disk") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(2500ms);
  play.store.commit_trouble = "the disk is full";
  play.advance(10s);
  auto wait = wait_of(play);
  CHECK(wait.kind == "disk");
  CHECK(wait.service == "journal");
  CHECK(!wait.until);
  play.store.commit_trouble.clear();
  play.advance(60s);
  CHECK(!play.view(7).waiting_for);
}

TEST_CASE("waiting: parked, for a person, until it fails") {
  coordinator_play play;
  auto down = true;
  play.workers.script = failing("asr", down, fault_code::bad_answer);
  play.start();
  play.begin(7);
  play.advance(1h);
  REQUIRE(play.status(7) == job_status::parked);
  auto wait = wait_of(play);
  CHECK(wait.kind == "person");
  CHECK(wait.service == "asr");
  auto parked = play.facts<ev::job_parked>(1);
  REQUIRE(parked.size() == 1);
  CHECK(wait.until == parked[0].until);
}

TEST_CASE("waiting: paused, for a person, for as long as it takes") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(1500ms);
  play.control(7, control_verb::pause);
  play.advance(1min);
  auto wait = wait_of(play);
  CHECK(wait.kind == "person");
  CHECK(wait.service.empty());
  CHECK(!wait.until);
}

TEST_CASE("waiting: dubbed, until the gateway can be told") {
  coordinator_play play;
  auto away = true;
  play.told.script = [&](const test::patch_seen& x) {
    test::patch_fate fate;
    if (away && x.update.status == "COMPLETED") {
      fate.error = fault{fault_code::unreachable, "refused", 0, {}};
      fate.written = false;
    }
    return fate;
  };
  play.start();
  play.begin(7);
  while (play.told.of_status("COMPLETED").size() < 2)
    play.advance(100ms);
  play.advance(200ms);
  auto wait = wait_of(play);
  CHECK(wait.kind == "retry");
  CHECK(wait.service == "gateway");
  CHECK(wait.until > play.time.now());
  play.advance(2min); // five in a row: the breaker opens
  wait = wait_of(play);
  CHECK(wait.kind == "hold");
  CHECK(wait.until == play.service("gateway").held_until);
  away = false;
  play.advance(10min);
  CHECK(play.status(7) == job_status::completed);
  CHECK(!play.view(7).waiting_for);
}

TEST_CASE("waiting: each segment says what it waits for") {
  coordinator_play play;
  play.workers.shape = {1, 5, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "tts" && order.item == 2
             ? fails(fault_code::bad_answer)
             : scripted_reply{};
  };
  play.start();
  play.begin(7);
  advance_to_failure(play, 2);
  auto segments = play.segments(7);
  REQUIRE(segments.size() == 5);
  REQUIRE(segments[2].waiting_for);
  CHECK(segments[2].waiting_for->kind == "retry");
  CHECK(segments[2].waiting_for->service == "tts");
  CHECK(segments[2].waiting_for->until);
  for (auto n : {0, 1, 3, 4})
    CHECK(!segments[static_cast<std::size_t>(n)].waiting_for);
}
