#include "clients/amqp/address.hpp"
#include "clients/amqp/job_created.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

amqp_address good(std::string_view url) {
  auto read = parse_amqp_url(url);
  auto wrong = std::get_if<std::string>(&read);
  INFO(url << " " << (wrong ? *wrong : ""));
  REQUIRE(!wrong);
  return std::get<amqp_address>(read);
}

std::string reason(std::string_view body) {
  auto read = read_job_created(body);
  auto why = std::get_if<std::string>(&read);
  return why ? *why : "";
}

} // namespace

TEST_CASE("AMQP URLs are read as Celery reads them") {
  // As kombu 5.2 answers for these.
  for (auto [tail, vhost] : {std::pair{"", "/"},
                             {"/", "/"},
                             {"//", "/"},
                             {"/%2F", "/"},
                             {"/foo", "foo"},
                             {"//foo", "/foo"},
                             {"/a%20b", "a b"},
                             {"/a/b", "a/b"}}) {
    INFO(tail);
    CHECK(good(std::string{"amqp://mq:5672"} + tail).vhost == vhost);
  }
  CHECK(good("amqp://guest:guest@rabbitmq:5672//")
        == amqp_address{"rabbitmq", 5672, "guest", "guest", "/", false,
                        ms{30'000}});
  CHECK(good("amqp://") == amqp_address{});
  CHECK(good("pyamqp://u%40x:p%3A%2F@h//v?heartbeat=5")
        == amqp_address{"h", 5672, "u@x", "p:/", "/v", false, ms{5'000}});
  CHECK(good("amqps://h")
        == amqp_address{"h", 5671, "guest", "guest", "/", true, ms{30'000}});
  CHECK(good("amqp://[::1]:99/").host == "::1");
  CHECK(good("amqp://[::1]:99/").port == 99);
  CHECK(good("amqp://me@h").user == "me");
  CHECK(good("amqp://me:a@b@h").password == "a@b");
}

TEST_CASE("what is no AMQP URL is refused with a reason") {
  for (auto url : {"",
                   "amqp",
                   "amqp:/h",
                   "amqp:h",
                   "http://h",
                   "amqp://h:0",
                   "amqp://h:x",
                   "amqp://h:70000",
                   "amqp://h:5672:1",
                   "amqp://[::1",
                   "amqp://[::1]x",
                   "amqp://h/%",
                   "amqp://h/%2",
                   "amqp://h/%zz",
                   "amqp://h/%00",
                   "amqp://u%@h",
                   "amqp://u:%1@h",
                   "amqp://h h",
                   "amqp://h\n",
                   "amqp://h/?heartbeat=0",
                   "amqp://h/?heartbeat=x",
                   "amqp://h/?heartbeat=99999",
                   "amqp://h/?frame_max=1",
                   "amqp://a;amqp://b",
                   "amqp://h/#x",
                   "://h"}) {
    INFO(url);
    auto read = parse_amqp_url(url);
    REQUIRE(std::holds_alternative<std::string>(read));
    CHECK(!std::get<std::string>(read).empty());
  }
}

TEST_CASE("a job.created message, as the gateway publishes it") {
  auto read = read_job_created(
    R"({"jobId": 7, "sourceObjectKey": "1_a b.mp4", "targetLanguage": "hi",
        "optionsJson": "{}", "status": "QUEUED", "more": [1]})");
  REQUIRE(std::holds_alternative<job_created>(read));
  CHECK(std::get<job_created>(read).job_id == 7);
}

TEST_CASE("messages that can't be understood say why") {
  CHECK(reason("") == "the body is not JSON");
  CHECK(reason("{\"jobId\": 1") == "the body is not JSON");
  CHECK(reason("\xff") == "the body is not JSON");
  CHECK(reason("[1]") == "the body is not a JSON object");
  CHECK(reason("{}") == "the body has no jobId");
  for (auto id : {"\"1\"", "1.5", "null", "[]", "9223372036854775808", "1e400"})
    CHECK(!reason(std::string{"{\"jobId\": "} + id + "}").empty());
  CHECK(reason(std::string(100, '[')).find("nested") != std::string::npos);
  CHECK(reason("{\"jobId\": 1, \"x\": \"" + std::string(70'000, 'x') + "\"}")
          .find("longer")
        != std::string::npos);
}
