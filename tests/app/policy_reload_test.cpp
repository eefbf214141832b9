#include "app/policy_reload.hpp"

#include "app/rim.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;
using namespace std::literals;

namespace {

service_policies some() {
  auto all = default_policies();
  for (auto& [name, policy] : all)
    if (name != "media" && name != "store")
      policy.urls = {"http://" + name};
  return all;
}

} // namespace

TEST_CASE("reload: what may change changes, field by field") {
  auto wanted = some();
  wanted["asr"].retry.cap = 5s;
  wanted["asr"].max_concurrent = 9;
  wanted["tts"].breaker.window_calls = 20;
  auto step = next_policies(some(), wanted, pool_threads(some()));
  CHECK(step.needs_restart.empty());
  CHECK(step.changes
        == std::vector<std::string>{"services.asr.max_concurrent: 4 -> 9",
                                    "services.asr.retry.cap: 1m -> 5s",
                                    "services.tts.breaker.window: 10m -> 20"});
  CHECK(policy_fields(step.services) == policy_fields(wanted));
  CHECK(next_policies(some(), some(), 6).changes.empty());
}

TEST_CASE("reload: what the clients were made with waits for a restart") {
  auto wanted = some();
  wanted["asr"].urls = {"http://elsewhere"};
  wanted["tts"].identity = "v2";
  wanted["tts"].queue_timeout = 1h;
  auto step = next_policies(some(), wanted, pool_threads(some()));
  REQUIRE(step.needs_restart.size() == 2);
  CHECK(step.needs_restart[0].starts_with("services.asr.url:"));
  CHECK(step.needs_restart[1].starts_with("services.tts.identity:"));
  CHECK(step.changes
        == std::vector<std::string>{"services.tts.queue_timeout: 1d -> 1h"});
  CHECK(step.services["asr"].urls == some()["asr"].urls);
  CHECK(step.services["tts"].identity.empty());
}

TEST_CASE("reload: no more at once than there are threads for") {
  auto running = some();
  auto threads = pool_threads(running); // media 2, store 4
  CHECK(threads == 6);
  auto wanted = running;
  wanted["media"].max_concurrent = 3;
  wanted["store"].max_concurrent = 3;
  CHECK(next_policies(running, wanted, threads).changes.size() == 2);
  wanted["store"].max_concurrent = 4;
  wanted["asr"].max_concurrent = 1;
  auto step = next_policies(running, wanted, threads);
  REQUIRE(step.needs_restart.size() == 1);
  CHECK(step.needs_restart[0].find("more than 6 together")
        != std::string::npos);
  CHECK(step.services["media"].max_concurrent == 2);
  CHECK(step.services["store"].max_concurrent == 4);
  CHECK(step.services["asr"].max_concurrent == 1);
}

TEST_CASE("reload: the file is read again, with all mistakes or its hash") {
  test::scratch files;
  auto load = [&](const std::string& text) {
    files.write("policy.json", text);
    return load_policies({{"POLICY_FILE", files.file("policy.json").string()},
                          {"ASR_URL", "http://gpu:1"}});
  };
  auto good = load(R"({"services": {"asr": {"max_concurrent": 2}}})");
  REQUIRE(std::holds_alternative<config>(good));
  auto& one = std::get<config>(good);
  CHECK(one.services.at("asr").max_concurrent == 2);
  CHECK(one.services.at("asr").urls
        == std::vector<std::string>{"http://gpu:1"});
  CHECK(one.policy_sha256.size() == 64);
  auto bad = load(R"({"services": {"asr": {"max_concurrent": 0, "x": 1}}})");
  REQUIRE(std::holds_alternative<std::vector<std::string>>(bad));
  CHECK(std::get<std::vector<std::string>>(bad).size() == 2);
  auto none = load_policies({});
  REQUIRE(std::holds_alternative<config>(none));
  CHECK(std::get<config>(none).policy_sha256.empty());
}
