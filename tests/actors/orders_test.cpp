/// What people order of breakers, and other limits at run time, in virtual
/// time.
#include "tests/support/catch.hpp"
#include "tests/support/coordinator_play.hpp"

using namespace dubber;
using namespace std::literals;
using test::coordinator_play;
using test::fails;
using test::scripted_reply;

namespace {

service_view shown(const std::optional<order_answer>& answer) {
  REQUIRE(answer);
  REQUIRE(std::holds_alternative<service_view>(*answer));
  return std::get<service_view>(*answer);
}

fault refusal(const std::optional<order_answer>& answer) {
  REQUIRE(answer);
  REQUIRE(std::holds_alternative<fault>(*answer));
  return std::get<fault>(*answer);
}

} // namespace

TEST_CASE(
  "actors: a breaker opened by hand holds all work until it is let go") {
  coordinator_play play;
  play.start();
  auto view = shown(play.order("asr", order_verb::open));
  CHECK(view.breaker == "forced_open");
  REQUIRE(view.order);
  CHECK(view.order->by == "test");
  CHECK(view.order->reason == "because");
  play.begin(7);
  play.advance(3h);
  CHECK(play.workers.of("asr").empty());
  view = play.service("asr");
  CHECK(view.waiting == 1);
  CHECK(view.waiting_jobs == 1);
  REQUIRE(view.waiting_since);
  CHECK(*view.waiting_since < play.time.now() - 2h);
  CHECK(play.facts<ev::attempt_failed>(1).empty());
  view = shown(play.order("asr", order_verb::automatic));
  CHECK(view.breaker == "closed");
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
  CHECK(play.service("asr").order->what == order_verb::automatic);
}

TEST_CASE("actors: an order is there after a restart") {
  coordinator_play play;
  play.start();
  play.order("asr", order_verb::open);
  play.order("tts", order_verb::open);
  play.order("tts", order_verb::close);
  play.begin(7);
  play.stop();
  play.start();
  play.advance(60s);
  auto asr = play.service("asr");
  CHECK(asr.breaker == "forced_open");
  REQUIRE(asr.order);
  CHECK(asr.order->reason == "because");
  CHECK(play.workers.of("asr").empty());
  auto tts = play.service("tts");
  CHECK(tts.breaker == "closed");
  REQUIRE(tts.order);
  CHECK(tts.order->what == order_verb::close);
  CHECK_FALSE(play.service("media").order);
  play.order("asr", order_verb::close);
  play.advance(60s);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("actors: what auto finds behind open, and what close does") {
  coordinator_play play;
  auto down = true;
  play.policies["asr"].breaker = {2, 30s, 1};
  play.policies["asr"].retry = {9, 1s, 1.0, 1s, false};
  play.workers.script = [&](const work_order& order, const attempt_info&) {
    return order.stage == "asr" && down ? fails(fault_code::server_error)
                                        : scripted_reply{};
  };
  play.start();
  play.begin(7);
  play.advance(20s);
  REQUIRE(play.service("asr").breaker == "open");
  auto tried = play.workers.of("asr").size();
  CHECK(shown(play.order("asr", order_verb::open)).breaker == "forced_open");
  // As if nobody had ordered anything: its time goes on.
  CHECK(shown(play.order("asr", order_verb::automatic)).breaker == "open");
  CHECK(play.workers.of("asr").size() == tried);
  // At once, though its time is not over.
  auto closed = shown(play.order("asr", order_verb::close));
  CHECK(closed.breaker == "closed");
  CHECK(closed.calls == 0);
  play.advance(2s);
  CHECK(play.workers.of("asr").size() > tried);
  // From then on it decides itself again.
  play.advance(10s);
  CHECK(play.service("asr").breaker != "closed");
  down = false;
  play.advance(120s);
  CHECK(play.status(7) == job_status::completed);
}

TEST_CASE("actors: orders that are refused change nothing") {
  coordinator_play play;
  play.start();
  CHECK(refusal(play.order("xyz", order_verb::open)).code
        == fault_code::not_found);
  play.store.commit_trouble = "the disk is full";
  // Nobody has noticed yet: it is on its way, and not obeyed.
  CHECK_FALSE(play.order("asr", order_verb::open));
  CHECK(play.service("asr").breaker == "closed");
  auto why = refusal(play.order("asr", order_verb::open));
  CHECK(why.code == fault_code::disk);
  CHECK(why.message == "the disk is full");
  play.store.commit_trouble.clear();
  play.advance(2s);
  CHECK(play.service("asr").breaker == "forced_open"); // the first one
}

TEST_CASE("actors: other limits reach what waits and what is tried again") {
  coordinator_play play;
  auto policies = play.policies;
  policies["asr"].retry = {2, 1s, 1.0, 1s, false};
  policies["asr"].attempt_timeout = {7s, 0ms};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "asr" ? fails(fault_code::server_error)
                                : scripted_reply{};
  };
  play.policies["asr"].breaker.consecutive = 100;
  policies["asr"].breaker.consecutive = 100;
  play.policies["asr"].retry = {100, 10s, 1.0, 10s, false};
  play.start();
  play.begin(7);
  play.advance(5s); // in the pause after the first attempt
  REQUIRE(play.workers.of("asr").size() == 1);
  play.change_policies(policies);
  play.advance(15s);
  CHECK(play.workers.of("asr").size() == 2);
  CHECK(play.workers.of("asr").back().timeout == 7s);
  CHECK(play.status(7) == job_status::parked); // two attempts are enough now
  CHECK(play.service("asr").policy.retry.max_attempts == 2);
}

TEST_CASE("actors: more room lets those in who wait") {
  coordinator_play play;
  play.policies["translate"].max_concurrent = 1;
  play.workers.shape = {1, 6, "hi"};
  play.workers.script = [](const work_order& order, const attempt_info&) {
    return order.stage == "translate" ? scripted_reply{10min, {}, false}
                                      : scripted_reply{};
  };
  play.policies["translate"].attempt_timeout.base = 1h;
  auto policies = play.policies;
  play.start();
  play.begin(7);
  play.advance(60s);
  CHECK(play.service("translate").running == 1);
  play.advance(11min); // the first segment went alone
  auto before = play.service("translate");
  CHECK(before.running == 1);
  CHECK(before.waiting == 1); // of the job's four others: one a call
  policies["translate"].max_concurrent = 3;
  play.change_policies(policies);
  auto after = play.service("translate");
  CHECK(after.running == 3);
  CHECK(after.max_concurrent == 3);
  CHECK(after.waiting == 2); // the rest of them
}
