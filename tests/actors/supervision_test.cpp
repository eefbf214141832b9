/// Actors that all jobs share die from a bug: the tree is started again from
/// the journal, no job loses anything, and a job that kills is parked alone.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

void check_all_done(coordinator_play& play, std::int64_t jobs) {
  for (std::int64_t id = 1; id <= jobs; ++id) {
    CHECK(play.status(id) == job_status::completed);
    CHECK(play.told.rows.at(id).status == "COMPLETED");
    CHECK(
      play.facts<ev::attempt_failed>(static_cast<std::uint64_t>(id)).empty());
  }
  // No call of old was left in the books.
  for (auto name : {"gateway", "media", "asr", "translate", "tts"})
    CHECK(play.service(name).running == 0);
}

/// Throws at every n-th time.
auto every(int n) {
  return [n, i = 0]() mutable {
    if (++i % n == 0)
      throw std::runtime_error("a bug");
  };
}

} // namespace

TEST_CASE("supervision: a gate that dies takes nothing with it") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  play.metrics.on_gate_changed
    = [n = 0](std::string_view service, const gate_reading&) mutable {
        if (service == "translate" && ++n == 9)
          throw std::runtime_error("a bug");
      };
  play.start();
  play.begin_all(5);
  play.advance(5min);
  CHECK(play.metrics.restarts["gate"] == 1);
  check_all_done(play, 5);
}

TEST_CASE("supervision: a journal writer that dies takes nothing with it") {
  coordinator_play play;
  play.workers.shape = {1, 4, "hi"};
  play.metrics.on_committed = every(40);
  play.start();
  play.begin_all(5);
  play.advance(10min);
  CHECK(play.metrics.restarts["journal_writer"] >= 1);
  CHECK(play.broken.empty());
  check_all_done(play, 5);
}

TEST_CASE("supervision: a journal reader that dies takes nothing with it") {
  coordinator_play play;
  play.start();
  play.begin_all(5);
  play.advance(3s);
  play.stop();
  play.store.on_read = [n = 0](std::uint64_t) mutable {
    if (++n == 3)
      throw std::runtime_error("a bug");
  };
  play.start();
  play.advance(5min);
  CHECK(play.metrics.restarts["reader"] == 1);
  check_all_done(play, 5);
}

TEST_CASE("supervision: a reporter that dies tells everything all the same") {
  coordinator_play play;
  play.metrics.on_report_ended = [n = 0]() mutable {
    if (++n == 2)
      throw std::runtime_error("a bug");
  };
  play.start();
  play.begin_all(5);
  play.advance(5min);
  CHECK(play.metrics.restarts["reporter"] == 1);
  check_all_done(play, 5);
}

TEST_CASE("supervision: a manager that dies takes nothing with it") {
  coordinator_play play;
  play.start();
  play.begin_all(5);
  play.advance(3s);
  play.stop();
  play.metrics.on_left = [n = 0](std::size_t) mutable {
    if (++n == 4)
      throw std::runtime_error("a bug");
  };
  play.start();
  play.advance(5min);
  CHECK(play.metrics.restarts["manager"] == 1);
  check_all_done(play, 5);
}

TEST_CASE("supervision: a janitor that dies takes nothing with it") {
  coordinator_play play;
  play.keep = {1h, 1h};
  play.store.on_upkeep = [n = 0]() mutable {
    if (++n == 1)
      throw std::runtime_error("a bug");
  };
  play.start();
  play.advance(6min - 4s); // it looks every six minutes
  play.begin_all(5);
  play.advance(5min);
  CHECK(play.metrics.restarts["janitor"] == 1);
  check_all_done(play, 5);
  play.advance(2h); // and removes what is old, as before
  CHECK(play.history(1).empty());
}

TEST_CASE("supervision: what people ordered and limits hold afterwards") {
  coordinator_play play;
  play.start();
  REQUIRE(play.order("asr", order_verb::open));
  auto policies = play.policies;
  policies["tts"].max_concurrent = 3;
  play.change_policies(policies);
  auto bug = true;
  play.metrics.on_gate_changed
    = [&](std::string_view service, const gate_reading&) {
        if (service == "gateway" && std::exchange(bug, false))
          throw std::runtime_error("a bug");
      };
  play.begin(7);
  play.advance(30s);
  REQUIRE(play.metrics.restarts["gate"] == 1);
  CHECK(play.service("asr").breaker == "forced_open");
  CHECK(play.service("tts").max_concurrent == 3);
  play.order("asr", order_verb::close);
  play.begin(7); // its acceptance died with the gate, or did not
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("supervision: a job over which a gate dies is parked") {
  coordinator_play play;
  play.metrics.on_gate_changed
    = [](std::string_view service, const gate_reading& is) {
        if (service == "asr" && is.waiting + is.running > 0)
          throw std::runtime_error("a bug");
      };
  play.start();
  play.begin(7);
  play.advance(5min);
  CHECK(play.broken.empty());
  CHECK(play.metrics.restarts["gate"] == 4); // three, and the last
  auto view = play.view(7);
  CHECK(view.row.status == job_status::parked);
  CHECK(view.error->why.code == fault_code::internal);
  CHECK(view.error->why.message.find("(gate): a bug") != std::string::npos);
  CHECK(play.facts<ev::attempt_failed>(1).empty());
  play.metrics.on_gate_changed = nullptr; // and a person says: go on
  play.control(7, control_verb::resume);
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("supervision: a job that kills whatever handles it is left alone") {
  coordinator_play play;
  play.told.script = [](const test::patch_seen& x) -> test::patch_fate {
    if (x.job_id == 3)
      throw std::runtime_error("a bug");
    return {};
  };
  play.start();
  play.begin_all(5);
  play.advance(2min);
  CHECK(play.broken.empty());
  auto deaths = play.metrics.restarts["reporter"];
  CHECK(deaths <= 6); // it is parked, and then put off: a minute, two, four
  for (auto id : {1, 2, 4, 5})
    CHECK(play.status(id) == job_status::completed);
  CHECK(play.status_on_record(3) == job_status::parked);
  play.advance(1h);
  CHECK(play.metrics.restarts["reporter"] <= deaths + 6);
  play.told.script = nullptr;
  play.advance(1h);
  CHECK(play.view(3).row.status == job_status::parked);
  play.control(3, control_verb::resume);
  play.advance(60s);
  CHECK(play.status(3) == job_status::completed);
}

TEST_CASE("supervision: an append that kills the disk's actor parks its job") {
  coordinator_play play;
  play.store.on_commit = [](std::span<const journal_append* const> batch) {
    for (auto x : batch)
      for (auto& what : x->events)
        if (auto done = std::get_if<ev::stage_completed>(&what.body);
            x->job_no == 2 && done && done->stage == "asr")
          throw std::runtime_error("cannot be written");
  };
  play.start();
  play.begin_all(4);
  play.advance(5min);
  for (auto id : {1, 3, 4})
    CHECK(play.status(id) == job_status::completed);
  auto view = play.view(2);
  CHECK(view.row.status == job_status::parked);
  REQUIRE(view.error);
  CHECK(view.error->why.code == fault_code::internal);
  CHECK(view.error->why.message.find("cannot be written") != std::string::npos);
  CHECK(play.metrics.restarts["journal_disk"] == 0); // nobody else noticed
  CHECK(play.metrics.restarts["job"] >= 3);
}

TEST_CASE("supervision: a tree that dies again and again ends the process") {
  coordinator_play play;
  play.metrics.on_committed = every(1);
  play.start();
  play.begin(7);
  play.advance(2min);
  CHECK(play.broken.find("a bug") != std::string::npos);
  CHECK(play.metrics.restarts["journal_writer"] == 11);
}

TEST_CASE("supervision: the tree waits for the journal to be there again") {
  coordinator_play play;
  play.start();
  play.begin(7);
  play.advance(3s);
  auto bug = true;
  play.metrics.on_gate_changed = [&](std::string_view, const gate_reading&) {
    if (std::exchange(bug, false)) {
      play.store.epoch_trouble = "I/O error";
      throw std::runtime_error("a bug");
    }
  };
  play.advance(10min);
  CHECK(play.status_on_record(1) == job_status::running);
  play.store.epoch_trouble.clear();
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("supervision: live jobs are counted once, whatever dies") {
  coordinator_play play;
  play.metrics.on_stage_ended = [n = 0](std::string_view stage) mutable {
    if (stage == "fetch" && ++n <= 2)
      throw std::runtime_error("a bug");
  };
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? fails(fault_code::refused) : scripted_reply{};
  };
  play.start();
  play.order("asr", order_verb::open);
  play.begin_all(3);
  play.advance(30s);
  CHECK(play.metrics.jobs["running"] == 3);
  play.order("asr", order_verb::close);
  play.advance(60s);
  CHECK(play.metrics.jobs["running"] == 0);
  CHECK(play.metrics.jobs["failed"] == 0); // told and gone
}
