#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("each order reaches the coordinator, with who and why") {
  front_end front;
  struct {
    const char* name;
    order_verb what;
  } verbs[] = {{"open", order_verb::open},
               {"close", order_verb::close},
               {"auto", order_verb::automatic}};
  for (auto& verb : verbs) {
    INFO(verb.name);
    auto answer = front.post(std::string{"/services/asr/"} + verb.name,
                             R"({"reason": "GPU \"burns\""})");
    CHECK(answer.status == 200);
    auto shown = json_of(answer);
    CHECK(shown["name"] == "asr");
    CHECK(shown["order"]["what"] == verb.name);
    CHECK(shown["order"]["by"] == "local");
    CHECK(shown["order"]["reason"] == "GPU \"burns\"");
    auto asked = front.jobs.orders().back().order;
    CHECK(asked.service == "asr");
    CHECK(asked.what == verb.what);
    CHECK(asked.by == "local");
    CHECK(asked.reason == "GPU \"burns\"");
  }
  CHECK(front.ask("POST", "/services/asr/open").status == 200);
  CHECK(front.jobs.orders().back().order.reason.empty());
}

TEST_CASE("orders that come to nothing") {
  front_end front;
  order_answer next;
  front.jobs.on_order = [&](auto, auto to) {
    to(next);
  };
  next = fault{fault_code::not_found, "there is no service xyz", 0, {}};
  CHECK(front.post("/services/xyz/open", "{}").status == 404);
  next = fault{fault_code::disk, "the disk is full", 0, {}};
  auto away = front.post("/services/asr/open", "{}");
  CHECK(away.status == 503);
  CHECK(code_of(away) == "journal_away");
  CHECK(front.jobs.orders().size() == 2);

  CHECK(front.post("/services/asr/open", R"({"reason": 7})").status == 422);
  CHECK(front.post("/services/asr/open", "[]").status == 422);
  CHECK(front
          .post("/services/asr/open",
                R"({"reason": ")" + std::string(1'001, 'x') + "\"}")
          .status
        == 422);
  CHECK(front.post("/services/asr/explode", "{}").status == 404);
  CHECK(front.get("/services/asr/open").status == 405);
  CHECK(front.jobs.orders().size() == 2);
}

TEST_CASE("off loopback an order wants a token") {
  front_end front;
  front.routes.access.loopback = false;
  CHECK(front.post("/services/asr/open", "{}").status == 403);
  CHECK(front.jobs.orders().empty());
}

TEST_CASE("an order under a key is given once") {
  front_end front;
  auto key = "Idempotency-Key: abc\r\n";
  auto first = front.post("/services/asr/open", "{}", key);
  auto again = front.post("/services/asr/open", "{}", key);
  CHECK(again.body == first.body);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(front.post("/services/tts/open", "{}", key).status == 422);
  CHECK(front.jobs.orders().size() == 1);
  CHECK(front.jobs.orders()[0].notes.size() == 1);
}

TEST_CASE("services are shown with everything that is known of them") {
  front_end front;
  front.jobs.on_services = [](auto to) {
    service_view asr;
    asr.name = "asr";
    asr.breaker = "half_open";
    asr.held_until = moment(3);
    asr.waiting = 5;
    asr.waiting_jobs = 2;
    asr.waiting_since = moment(1);
    asr.running = 1;
    asr.max_concurrent = 4;
    asr.calls = 9;
    asr.failed = 3;
    asr.slow = 2;
    asr.failed_in_a_row = 1;
    asr.retries_running = 1;
    asr.retries_allowed = 3;
    asr.policy.breaker.window_calls = 20;
    asr.order = service_order{"asr", order_verb::open, "ops", "why", moment(2)};
    service_view tts;
    tts.name = "tts";
    tts.breaker = "closed";
    tts.policy.retry.initial = ms{1'500};
    to({{asr, tts}, {"", moment(0)}});
  };
  auto shown = json_of(front.get("/services"));
  auto& asr = shown["items"][0];
  CHECK(asr["waiting"] == 5);
  CHECK(asr["waiting_jobs"] == 2);
  CHECK(asr["waiting_since"] == "2023-11-14T22:13:21.000Z");
  CHECK(asr["running"] == 1);
  CHECK(asr["max_concurrent"] == 4);
  CHECK(asr["recent"]
        == nlohmann::json{
          {"calls", 9}, {"failed", 3}, {"slow", 2}, {"failed_in_a_row", 1}});
  CHECK(asr["retries"] == nlohmann::json{{"running", 1}, {"allowed", 3}});
  CHECK(asr["order"]
        == nlohmann::json{{"what", "open"},
                          {"by", "ops"},
                          {"reason", "why"},
                          {"at", "2023-11-14T22:13:22.000Z"}});
  CHECK(asr["limits"]["breaker"]["window_calls"] == 20);
  CHECK(asr["limits"]["breaker"]["window_seconds"].is_null());
  auto& tts = shown["items"][1];
  CHECK(tts["order"].is_null());
  CHECK(tts["waiting_since"].is_null());
  CHECK(tts["limits"]["retry"]["initial_seconds"] == 1.5);
  CHECK(tts["limits"]["breaker"]["window_seconds"] == 600);
  CHECK(shown["policy"]["sha256"].is_null());
  CHECK(shown["policy"]["loaded_at"] == "2023-11-14T22:13:20.000Z");
}
