#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

#include <future>

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

struct held_front : front_end {
  held_front() {
    jobs.on_ask = [this](auto, auto to) {
      held.keep(std::move(to));
    };
  }

  /// A connection whose request waits for its answer.
  wire waiting() {
    auto line = connect();
    auto before = held.size();
    line.send(text("GET", "/jobs/7"));
    REQUIRE(eventually([&] { return held.size() == before + 1; }));
    return line;
  }

  held_answers<query_answer> held;
};

bool refuses_connections(int port) {
  try {
    wire line{port};
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

} // namespace

TEST_CASE("draining waits for what was asked before, and serves meanwhile") {
  held_front front;
  front.jobs.on_intake = [](auto, auto to) {
    to(
      intake_refused{intake_refused::reason::stopping, "stopping", ms{10'000}});
  };
  auto before = front.waiting();
  front.jobs.be({false, true, "ok"});
  auto drained
    = std::async(std::launch::async, [&] { front.server().drain(60s); });
  CHECK(eventually(
    [&] { return front.get("/livez").header("connection") == "close"; }));
  // Not ready, and no intake; but everybody is told so.
  CHECK(front.get("/readyz").status == 503);
  auto refused = front.post("/orchestrate", R"({"job_id": 1})");
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "10");
  auto after = front.waiting();
  CHECK(drained.wait_for(20ms) == std::future_status::timeout);
  auto held = front.held.take();
  held[0](sample_job());
  drained.get(); // though `after` still waits
  CHECK(before.read_answer().status == 200);

  auto port = front.server().port();
  auto stopped
    = std::async(std::launch::async, [&] { front.server().stop(60s); });
  CHECK(eventually([&] { return refuses_connections(port); }));
  CHECK(stopped.wait_for(20ms) == std::future_status::timeout);
  held[1](sample_job());
  stopped.get();
  auto last = after.read_answer();
  CHECK(last.status == 200);
  CHECK(last.header("connection") == "close");
  CHECK(after.is_closed());
}

TEST_CASE("a drain that takes too long ends at its limit") {
  held_front front;
  auto line = front.waiting();
  front.server().drain(10ms);
  CHECK(front.held.size() == 1);
}

TEST_CASE("what is open at the end of a stop is told so") {
  held_front front;
  auto line = front.waiting();
  front.server().stop(10ms);
  auto answer = line.read_answer();
  CHECK(answer.status == 503);
  CHECK(code_of(answer) == "stopping");
  CHECK(answer.header("retry-after") == "10");
  CHECK(line.is_closed());
  front.server().stop(10ms); // once more is harmless
}

TEST_CASE("callbacks outlive the server") {
  held_front front;
  auto line = front.waiting();
  front.waiting();
  front.destroy();
  auto held = front.held.take();
  held.at(0)(sample_job()); // comes too late
  held.clear();             // one is never called
  CHECK(line.read_answer().status == 503);
}

TEST_CASE("a large answer is sent whole before the end") {
  front_end front;
  front.routes.metrics = [] {
    return std::string(8'000'000, 'x');
  };
  auto line = front.connect();
  line.send(front_end::text("GET", "/metrics"));
  REQUIRE(
    eventually([&] { return front.notes.ended("GET /metrics 200") == 1; }));
  auto stopped
    = std::async(std::launch::async, [&] { front.server().stop(60s); });
  CHECK(stopped.wait_for(20ms) == std::future_status::timeout);
  CHECK(line.read_answer().body.size() == 8'000'000);
  stopped.get();
}

TEST_CASE("an address that is not ours, or taken") {
  front_end first;
  auto port = first.server().port();
  front_end second;
  second.listen.port = port;
  CHECK_THROWS(second.start());
  front_end elsewhere;
  elsewhere.listen.host = "192.0.2.1";
  CHECK_THROWS(elsewhere.start());
  front_end six;
  six.listen.host = "::1";
  front_end named;
  named.listen.host = "localhost";
  CHECK_NOTHROW(named.start());
}
