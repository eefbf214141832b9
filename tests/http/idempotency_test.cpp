#include "http/idempotency.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

http_answer answer_of(std::string body) {
  http_answer out;
  out.body = std::move(body);
  return out;
}

/// Gives an answer that is kept at once.
void finish(idempotency_store& keys, const std::string& key,
            const std::string& body) {
  auto given = false;
  keys.finish(key, answer_of(body), [&](bool is_kept) { given = is_kept; });
  CHECK(given);
}

template <class T>
bool is(const idempotency_store::found& found) {
  return std::holds_alternative<T>(found);
}

using store = idempotency_store;

std::string key(const std::string& value) {
  return "Idempotency-Key: " + value + "\r\n";
}

} // namespace

TEST_CASE("a key's life") {
  time_point now;
  auto keys = make_idempotency_store({{10s, 100, 10'000}, [&] {
                                        return now;
                                      }});
  CHECK(is<store::fresh>(keys->begin("k", "a")));
  CHECK(is<store::running>(keys->begin("k", "a")));
  CHECK(is<store::mismatch>(keys->begin("k", "b")));
  CHECK(is<store::fresh>(keys->begin("other", "b")));
  keys->drop("k");
  CHECK(is<store::fresh>(keys->begin("k", "b")));
  finish(*keys, "k", "done");
  keys->drop("k"); // has no effect any more
  finish(*keys, "k", "something else");
  auto found = keys->begin("k", "b");
  REQUIRE(is<http_answer>(found));
  CHECK(std::get<http_answer>(found).body == "done");
  CHECK(is<store::mismatch>(keys->begin("k", "a")));
  now += 10s;
  CHECK(is<store::fresh>(keys->begin("k", "a")));
  finish(*keys, "unknown", "x");
  keys->drop("unknown");
}

TEST_CASE("the store is bounded, what runs is not forgotten") {
  auto keys = make_idempotency_store({{1h, 3, 1'000'000}});
  CHECK(is<store::fresh>(keys->begin("running", "r")));
  for (int i = 0; i < 10; ++i) {
    auto name = std::to_string(i);
    CHECK(is<store::fresh>(keys->begin(name, "r")));
    finish(*keys, name, "a");
  }
  CHECK(is<store::running>(keys->begin("running", "r")));
  CHECK(is<http_answer>(keys->begin("9", "r")));
  CHECK(is<store::fresh>(keys->begin("0", "r")));

  auto small = make_idempotency_store({{1h, 1'000, 1'000}});
  for (int i = 0; i < 10; ++i) {
    auto name = std::to_string(i);
    small->begin(name, "r");
    finish(*small, name, std::string(300, 'x'));
  }
  CHECK(is<http_answer>(small->begin("9", "r")));
  CHECK(is<store::fresh>(small->begin("5", "r")));
}

TEST_CASE("the same request with the same key gets the same answer") {
  front_end front;
  int asked = 0;
  front.jobs.on_control = [&](auto, auto to) {
    auto job = sample_job();
    job.progress = ++asked / 100.0;
    to(control_done{job, true});
  };
  auto first = front.post("/jobs/7/cancel", "{}", key("abc"));
  auto again = front.post("/jobs/7/cancel", "{}", key("abc"));
  CHECK(first.status == 202);
  CHECK(again.status == 202);
  CHECK(again.body == first.body);
  CHECK(first.header("idempotency-replayed").empty());
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(asked == 1);
  CHECK(front.post("/jobs/7/cancel", "{}", key("abd")).status == 202);
  CHECK(front.post("/jobs/7/cancel", "{}").status == 202);
  CHECK(asked == 3);

  for (auto [target, body] :
       {std::pair{"/jobs/7/cancel", R"({"reason": "x"})"},
        std::pair{"/jobs/8/cancel", "{}"}, std::pair{"/jobs/7/pause", "{}"}}) {
    auto other = front.post(target, body, key("abc"));
    CHECK(other.status == 422);
    CHECK(json_of(other)["detail"][0]["loc"][1] == "Idempotency-Key");
  }
  CHECK(asked == 3);
}

TEST_CASE("while the first one runs: 409, its late answer is kept") {
  front_end front;
  front.listen.answer_timeout = 300ms;
  held_answers<intake_answer> held;
  front.jobs.on_intake = [&](auto, auto to) {
    held.keep(std::move(to));
  };
  auto line = front.connect();
  line.send(front_end::text("POST", "/orchestrate",
                            front_end::json_type + key("abc"),
                            R"({"job_id": 7})"));
  REQUIRE(eventually([&] { return held.size() == 1; }));
  auto meanwhile = front.post("/orchestrate", R"({"job_id": 7})", key("abc"));
  CHECK(meanwhile.status == 409);
  CHECK(code_of(meanwhile) == "in_progress");
  CHECK(meanwhile.header("retry-after") == "1");
  CHECK(json_of(meanwhile)["retryable"] == true);
  CHECK(line.read_answer().status == 504);
  CHECK(front.post("/orchestrate", R"({"job_id": 7})", key("abc")).status
        == 409);
  held.take().front()(intake_accepted{sample_job(), false, true});
  CHECK(eventually([&] {
    return front.post("/orchestrate", R"({"job_id": 7})", key("abc")).status
           == 202;
  }));
  CHECK(held.size() == 0);
}

TEST_CASE("what may end otherwise next time is not kept") {
  front_end front;
  intake_answer next;
  front.jobs.on_intake = [&](auto, auto to) {
    to(next);
  };
  auto ask = [&](const std::string& body = R"({"job_id": 7})") {
    return front.post("/orchestrate", body, key("abc")).status;
  };
  next = intake_refused{intake_refused::reason::full, "full", ms{1}};
  CHECK(ask() == 429);
  next = intake_refused{intake_refused::reason::journal_away, "disk", ms{1}};
  CHECK(ask() == 503);
  CHECK(ask(R"({"job_id": "x"})") == 422); // not valid: the key is not used up
  next = intake_accepted{sample_job(), false, true};
  CHECK(ask() == 202);
  next = intake_refused{intake_refused::reason::full, "full", ms{1}};
  CHECK(ask() == 202);
}

TEST_CASE("a request that is lost gives its key back") {
  front_end front;
  bool lose = true;
  front.jobs.on_control = [&](auto, auto to) {
    if (!lose)
      to(control_done{sample_job(), true});
  };
  CHECK(front.post("/jobs/7/cancel", "{}", key("abc")).status == 500);
  lose = false;
  CHECK(front.post("/jobs/7/cancel", "{}", key("abc")).status == 202);
}

TEST_CASE("keys that are none") {
  front_end front;
  for (auto value : {""s, "a b"s, "\x80"s, std::string(256, 'x')}) {
    INFO(value);
    auto answer = front.post("/jobs/7/cancel", "{}", key(value));
    CHECK(answer.status == 400);
    CHECK(code_of(answer) == "bad_idempotency_key");
  }
  CHECK(front.post("/jobs/7/cancel", "{}", key("a") + key("a")).status == 400);
  CHECK(front.post("/jobs/7/cancel", "{}", key(std::string(255, 'x'))).status
        == 202);
  CHECK(front.jobs.controls().size() == 1);
}

TEST_CASE("each caller has keys of its own") {
  front_end front;
  front.routes.access.owner = [](std::string_view token) {
    return std::optional<std::string>{token};
  };
  auto as = [&](const std::string& who, const std::string& body) {
    return front
      .post("/jobs/7/cancel", body,
            key("abc") + "Authorization: Bearer " + who + "\r\n")
      .status;
  };
  CHECK(as("alice", R"({"reason": "1"})") == 202);
  CHECK(as("bob", R"({"reason": "2"})") == 202);
  CHECK(as("alice", R"({"reason": "2"})") == 422);
}
