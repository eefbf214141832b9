#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

/// A front end whose queries for a job are answered when the test says so.
struct held_front : front_end {
  held_front() {
    jobs.on_ask = [this](auto, auto to) {
      held.keep(std::move(to));
    };
  }

  held_answers<query_answer> held;
};

} // namespace

TEST_CASE("no answer in time is a 504, what comes later changes nothing") {
  held_front front;
  front.listen.answer_timeout = 50ms;
  auto line = front.connect();
  line.send(front_end::text("GET", "/jobs/7"));
  auto answer = line.read_answer();
  CHECK(answer.status == 504);
  CHECK(code_of(answer) == "timeout");
  CHECK(json_of(answer)["retryable"] == true);
  for (auto& late : front.held.take()) {
    late(sample_job());
    late(sample_job());
  }
  // The connection is as good as before, and nothing else was on it.
  line.send(front_end::text("GET", "/health"));
  CHECK(json_of(line.read_answer())["status"] == "ok");
  CHECK(front.notes.ended("GET /jobs/{id} 504") == 1);
  CHECK(front.notes.ended("GET /jobs/{id} 200") == 0);
}

TEST_CASE("each of many requests has its own time limit") {
  held_front front;
  front.listen.answer_timeout = 100ms;
  std::vector<wire> lines;
  for (int i = 0; i < 20; ++i) {
    lines.push_back(front.connect());
    lines.back().send(front_end::text("GET", "/jobs/7"));
    REQUIRE(eventually([&] { return front.held.size() == i + 1u; }));
  }
  for (auto& line : lines)
    CHECK(line.read_answer().status == 504);
  CHECK(front.notes.in_flight() == 0);
}

TEST_CASE("an answer that comes twice is sent once") {
  front_end front;
  front.jobs.on_ask = [](auto, auto to) {
    to(sample_job(1));
    to(sample_job(2));
  };
  auto line = front.connect();
  line.send(front_end::text("GET", "/jobs/7"));
  CHECK(json_of(line.read_answer())["id"] == 1);
  line.send(front_end::text("GET", "/health"));
  CHECK(json_of(line.read_answer())["status"] == "ok");
}

TEST_CASE("twice from two threads at once") {
  held_front front;
  for (int i = 0; i < 50; ++i) {
    auto line = front.connect();
    line.send(front_end::text("GET", "/jobs/7"));
    REQUIRE(eventually([&] { return front.held.size() == 1; }));
    auto answer = front.held.take().front();
    std::thread one{[answer] {
      answer(sample_job(1));
    }};
    answer(sample_job(2));
    one.join();
    CHECK(line.read_answer().status == 200);
    line.send(front_end::text("GET", "/livez"));
    CHECK(line.read_answer().body == R"({"status":"ok"})");
  }
}

TEST_CASE("a forgotten request is answered too") {
  front_end front;
  front.jobs.on_ask = [](auto, auto) {
  }; // the callback is dropped
  auto answer = front.get("/jobs/7");
  CHECK(answer.status == 500);
  CHECK(code_of(answer) == "unanswered");
  front.jobs.be({false, true, "ok"});
  auto stopping = front.get("/jobs/7");
  CHECK(stopping.status == 503);
  CHECK(code_of(stopping) == "stopping");
  CHECK(stopping.header("retry-after") == "10");
}

TEST_CASE("an exception on the way is a 500 that says no more than it should") {
  front_end front;
  front.jobs.on_ask = [](auto query, auto) {
    if (query.job_id == 1)
      throw std::runtime_error("secret of the inside");
    throw 5;
  };
  for (auto target : {"/jobs/1", "/jobs/2"}) {
    auto answer = front.get(target);
    CHECK(answer.status == 500);
    CHECK(code_of(answer) == "internal");
    CHECK(answer.body.find("secret") == std::string::npos);
  }
  CHECK(front.get("/health").status == 200);
}

TEST_CASE("keep-alive: one connection, many requests") {
  front_end front;
  auto line = front.connect();
  for (int i = 0; i < 100; ++i) {
    line.send(front_end::text("POST", "/orchestrate", front_end::json_type,
                              R"({"job_id": 1})"));
    CHECK(line.read_answer().status == 202);
  }
  line.send(front_end::text("GET", "/livez", "Connection: close\r\n"));
  CHECK(line.read_answer().status == 200);
  CHECK(line.is_closed());
}

TEST_CASE("pipelined requests are answered in their order") {
  front_end front;
  front.jobs.on_ask = [](auto query, auto to) {
    to(sample_job(query.job_id));
  };
  auto line = front.connect();
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += front_end::text("GET", "/jobs/" + std::to_string(i));
  line.send(all);
  for (int i = 0; i < 50; ++i)
    CHECK(json_of(line.read_answer())["id"] == i);
}

TEST_CASE("pipelined requests whose answers come in the wrong order") {
  held_front front;
  auto line = front.connect();
  line.send(front_end::text("GET", "/jobs/1")
            + front_end::text("GET", "/jobs/2")
            + front_end::text("GET", "/livez"));
  REQUIRE(eventually([&] { return front.held.size() == 2; }));
  CHECK(line.is_silent(20ms));
  auto held = front.held.take();
  held[1](sample_job(2));
  CHECK(line.is_silent(20ms));
  held[0](sample_job(1));
  CHECK(json_of(line.read_answer())["id"] == 1);
  CHECK(json_of(line.read_answer())["id"] == 2);
  CHECK(json_of(line.read_answer())["status"] == "ok");
}

TEST_CASE("no more in flight than allowed: 503, and well again afterwards") {
  held_front front;
  front.listen.max_in_flight = 8;
  std::vector<wire> lines;
  for (int i = 0; i < 8; ++i) {
    lines.push_back(front.connect());
    lines.back().send(front_end::text("GET", "/jobs/7"));
  }
  REQUIRE(eventually([&] { return front.held.size() == 8; }));
  auto busy = front.get("/jobs");
  CHECK(busy.status == 503);
  CHECK(code_of(busy) == "busy");
  CHECK(busy.header("retry-after") == "1");
  // Probes wait for nobody: a busy program must not be taken for a dead one.
  for (auto target : {"/livez", "/readyz", "/health", "/metrics", "/docs"})
    CHECK(front.get(target).status == 200);
  for (auto& answer : front.held.take())
    answer(sample_job());
  for (auto& line : lines)
    CHECK(line.read_answer().status == 200);
  CHECK(front.get("/jobs").status == 200);
}

TEST_CASE("a client that leaves before its answer harms nobody") {
  held_front front;
  for (int i = 0; i < 20; ++i) {
    auto line = front.connect();
    line.send(front_end::text("GET", "/jobs/7"));
    REQUIRE(eventually([&] { return front.held.size() == i + 1u; }));
    i % 2 == 0 ? line.reset() : line.finish_sending();
  }
  for (auto& answer : front.held.take())
    answer(sample_job());
  CHECK(front.get("/health").status == 200);
  CHECK(eventually([&] { return front.notes.in_flight() == 0; }));
}

TEST_CASE("a client that half closes still gets its answer") {
  front_end front;
  auto line = front.connect();
  line.send(front_end::text("GET", "/jobs/7"));
  line.finish_sending();
  CHECK(line.read_answer().status == 200);
  CHECK(line.is_closed());
}
