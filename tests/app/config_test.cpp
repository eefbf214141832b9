#include "app/config.hpp"

#include "app/options.hpp"
#include "app/policy_file.hpp"
#include "app/values.hpp"
#include "tests/support/configs.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

TEST_CASE("durations are whole numbers with a unit") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("30s") == 30s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("7d") == 7 * 24h);
  for (auto wrong : {"", "5", "s", "-5s", "5 s", "1.5s", "+5s", "5sec",
                     "99999999999999999999s", "9999999999999h"}) {
    INFO(wrong);
    CHECK(!parse_duration(wrong));
  }
  for (auto text : {"500ms", "30s", "5m", "3d", "0s"})
    CHECK(print_duration(*parse_duration(text)) == text);
}

TEST_CASE("sizes are whole numbers of bytes, or of KB, MB, GB or TB") {
  CHECK(parse_bytes("0") == 0);
  CHECK(parse_bytes("512") == 512);
  CHECK(parse_bytes("10GB") == 10'000'000'000);
  for (auto wrong : {"", "GB", "-1GB", "1GiB", "1 GB", "1.5GB", "10gb",
                     "99999999999999999999", "9999999TB"}) {
    INFO(wrong);
    CHECK(!parse_bytes(wrong));
  }
  for (auto text : {"0", "1", "1500", "20KB", "500MB", "10GB", "3TB"})
    CHECK(print_bytes(*parse_bytes(text)) == text);
}

TEST_CASE("base URLs") {
  for (auto url : {"http://a", "https://a.b:8080/x/y/", "http://[::1]:80"}) {
    INFO(url);
    CHECK(service_url_mistake(url).empty());
  }
  for (auto url : {"", "a:80", "ftp://a", "http://", "http://:80", "http://a:0",
                   "http://a:70000", "http://a:", "http://a b", "http://u@a",
                   "http://a?x=1", "http://a#b", "http://[::1", "http://[::1]x",
                   "http://a\n"}) {
    INFO(url);
    CHECK(!service_url_mistake(url).empty());
  }
  CHECK(masked_url("amqp://guest:secret@mq:5672//")
        == "amqp://guest:***@mq:5672//");
  CHECK(masked_url("amqp://mq:5672//") == "amqp://mq:5672//");
}

TEST_CASE("nothing set: the platform's names and the stated defaults") {
  auto settings = good({});
  CHECK(settings.http_host == "127.0.0.1");
  CHECK(settings.http_port == 8400);
  CHECK(settings.gateway_url == "http://api-gateway:8080");
  CHECK(settings.services.at("asr").urls
        == std::vector{"http://service-asr:8100"s});
  CHECK(settings.journal_path == "data/journal.db");
  CHECK(settings.store_dir == "data/store");
  CHECK(settings.drain_timeout == 8s);
  CHECK(settings.park_timeout == 24h);
  CHECK(!settings.node_id.empty());
  CHECK(settings.notices.empty());
  REQUIRE(settings.broker);
  CHECK(settings.broker->host == "rabbitmq");
  CHECK(settings.broker->vhost == "/");
}

TEST_CASE("what is set is taken, an empty value is not set") {
  auto settings = good({{"DATA_DIR", "/d"},
                        {"ASR_URL", "https://asr.example/base/"},
                        {"HTTP_PORT", "0"},
                        {"LOG_FORMAT", "json"},
                        {"TTS_URL", ""},
                        {"STORE_URL", "file:/elsewhere"},
                        {"DRAIN_TIMEOUT", "1500ms"},
                        {"MAX_OPEN_JOBS", "12"}});
  CHECK(settings.journal_url == "sqlite:/d/journal.db");
  CHECK(settings.asr_url == "https://asr.example/base");
  CHECK(settings.tts_url == "http://service-tts:8300");
  CHECK(settings.http_port == 0);
  CHECK(settings.store_dir == "/elsewhere");
  CHECK(settings.drain_timeout == 1500ms);
  CHECK(settings.max_open_jobs == 12);
  auto in_memory = good({{"JOURNAL_URL", "memory:"}});
  CHECK(in_memory.journal_path.empty());
}

TEST_CASE("every mistake is reported at once, by name") {
  environment env{{"HTTP_HOST", "a b"},        {"HTTP_PORT", "65536"},
                  {"ASR_URL", "asr:80"},       {"RABBITMQ_URL", "http://x"},
                  {"JOURNAL_URL", "file"},     {"STORE_URL", "ftp:x"},
                  {"MEDIA_WORKER", "cluster"}, {"DRAIN_TIMEOUT", "soon"},
                  {"PARK_TIMEOUT", "0s"},      {"LOG_LEVEL", "loud"},
                  {"LOG_FORMAT", "xml"},       {"NODE_ID", "a/b"},
                  {"MAX_OPEN_JOBS", "0"},      {"POLICY_FILE", "/no/such/file"},
                  {"API_TOKENS_FILE", "/etc"}, {"HISTORY_RETENTION", "-1s"},
                  {"MAX_OPEN_CALLS", "5"},     {"CACHE_MAX_BYTES", "10GiB"},
                  {"CACHE_MAX_AGE", "0s"}};
  auto mistakes = bad(env);
  CHECK(mistakes.size() == env.size());
  for (const auto& [name, value] : env) {
    INFO(name);
    CHECK(names(mistakes, name));
  }
}

TEST_CASE("the bound on open calls: one for each service at least, and a "
          "notice when the services' own limits go beyond it") {
  auto plain = good({});
  CHECK(plain.max_open_calls == 2'000);
  CHECK(plain.notices.empty());
  auto tight = good({{"MAX_OPEN_CALLS", "6"}});
  CHECK(tight.max_open_calls == 6);
  REQUIRE(tight.notices.size() == 1);
  CHECK(tight.notices[0].find("adds up to 66") != std::string::npos);
  CHECK(tight.notices[0].find("MAX_OPEN_CALLS allows 6") != std::string::npos);
  CHECK(good({{"MAX_OPEN_CALLS", "66"}}).notices.empty());
}

TEST_CASE("addresses to listen on, and which of them are loopback") {
  for (auto host :
       {"127.0.0.1", "127.9.8.7", "::1", "localhost", "::ffff:127.0.0.1"}) {
    INFO(host);
    CHECK(is_listen_address(host));
    CHECK(is_loopback(host));
  }
  for (auto host : {"0.0.0.0", "::", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1",
                    "128.0.0.1"}) {
    INFO(host);
    CHECK(is_listen_address(host));
    CHECK(!is_loopback(host));
  }
  for (auto host : {"", "orchestrator", "127.1", "1.2.3", "[::1]", "127.0.0.1 ",
                    "localhost.", "http://127.0.0.1", "127.0.0.1:80"}) {
    INFO(host);
    CHECK(!is_listen_address(host));
  }
}

TEST_CASE("a policy file changes what it names") {
  auto services = default_policies();
  auto before = services.at("asr");
  auto ratio = default_degraded_ratio;
  auto mistakes
    = apply_policy_file(R"({"max_degraded_ratio": 0.25, "services": {
      "gateway": {"on_exhausted": "fail"},
      "translate": {"on_exhausted": "silence"},
      "tts": {"on_exhausted": "keep_original"}, "asr": {
      "url": "http://gpu:1/", "identity": "large-v3", "max_concurrent": 2,
      "attempt_timeout": {"base": "5m", "per_media_second": "250ms"},
      "retry": {"max_attempts": 3, "multiplier": 1.5, "jitter": false},
      "budget": {"ratio": 0.1, "min": 1},
      "breaker": {"consecutive": 7, "open": "1m", "open_cap": "10m",
                  "window": 50, "min_calls": 10, "failure_rate": 0.25,
                  "slow_rate": 0.9, "slow_after": 0.5}}}})",
                        services, ratio);
  CHECK(mistakes.empty());
  const auto& asr = services.at("asr");
  CHECK(asr.urls == std::vector{"http://gpu:1"s});
  CHECK(asr.identity == "large-v3");
  CHECK(asr.max_concurrent == 2);
  CHECK(asr.attempt_timeout.base == 5min);
  CHECK(asr.attempt_timeout.per_media_second == 250ms);
  CHECK(asr.retry.max_attempts == 3);
  CHECK(!asr.retry.jitter);
  CHECK(asr.retry.cap == before.retry.cap);
  CHECK(asr.breaker.consecutive == 7);
  CHECK(asr.breaker.open == 1min);
  CHECK(asr.breaker.window_calls == 50);
  CHECK(asr.breaker.failure_rate == 0.25);
  CHECK(asr.breaker.slow_after == 0.5);
  CHECK(asr.budget == budget_policy{0.1, 1});
  CHECK(ratio == 0.25);
  CHECK(asr.on_exhausted == exhausted::park);
  CHECK(services.at("gateway").on_exhausted == exhausted::fail);
  CHECK(services.at("translate").on_exhausted == exhausted::silence);
  CHECK(services.at("tts").on_exhausted == exhausted::keep_original);
}

TEST_CASE("a policy file's mistakes carry the key's full name") {
  auto services = default_policies();
  auto ratio = default_degraded_ratio;
  auto mistakes = apply_policy_file(R"({"extra": 1, "max_degraded_ratio": 1.5,
      "services": {
      "nobody": {}, "media": {"url": "http://x"}, "store": 5,
      "asr": {"on_exhausted": "silence"}, "translate": {"on_exhausted": "shrug"},
      "tts": {"max_concurrent": 0, "colour": "red", "queue_timeout": 30,
              "urls": ["http://a", "http://a"], "budget": {"ratio": 2},
              "retry": {"jitter": 1, "multiplier": 0.5},
              "breaker": {"failure_rate": 50, "window": -1, "open": "0s"}}}})",
                                    services, ratio);
  auto expected = {"extra",
                   "services.nobody",
                   "services.media.url",
                   "services.store",
                   "max_degraded_ratio",
                   "services.asr.on_exhausted",
                   "services.translate.on_exhausted",
                   "services.tts.max_concurrent",
                   "services.tts.colour",
                   "services.tts.queue_timeout",
                   "services.tts.urls",
                   "services.tts.budget.ratio",
                   "services.tts.retry.jitter",
                   "services.tts.retry.multiplier",
                   "services.tts.breaker.failure_rate",
                   "services.tts.breaker.window",
                   "services.tts.breaker.open"};
  CHECK(mistakes.size() == expected.size());
  for (const auto* name : expected) {
    INFO(name);
    CHECK(names(mistakes, name));
  }
  CHECK(apply_policy_file("{", services, ratio).size() == 1);
  CHECK(apply_policy_file("[]", services, ratio).size() == 1);
}

TEST_CASE("the printed config hides passwords, unused settings are said") {
  auto settings = good({{"RABBITMQ_URL", "amqp://me:secret@mq//"},
                        {"STORE_URL", "s3"},
                        {"MINIO_ENDPOINT", "minio:9000"},
                        {"MINIO_SECRET_KEY", "another-secret"},
                        {"REDIS_URL", "redis://redis:6379/0"}});
  auto text = print_config(settings);
  CHECK(text.find("secret") == std::string::npos);
  CHECK(text.find("amqp://me:***@mq//") != std::string::npos);
  CHECK(text.find("\"PARK_TIMEOUT\": \"1d\"") != std::string::npos);
  CHECK(text.find("http://minio:9000") != std::string::npos);
  CHECK(names(settings.notices, "REDIS_URL"));
}

TEST_CASE("command line") {
  auto asked = parse_options({"--print-config"});
  REQUIRE(std::holds_alternative<options>(asked));
  CHECK(std::get<options>(asked).print_config);
  CHECK(std::holds_alternative<std::string>(parse_options({"--prnt"})));
}
