#include "clients/celery/redis_address.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

redis_address read(std::string_view url) {
  auto out = parse_redis_url(url);
  INFO(url);
  REQUIRE(std::holds_alternative<redis_address>(out));
  return std::get<redis_address>(out);
}

} // namespace

TEST_CASE("Redis URLs, as Celery reads them") {
  CHECK(read("redis://redis:6379/0")
        == redis_address{"redis", 6379, "", "", 0});
  CHECK(read("redis://") == redis_address{});
  CHECK(read("redis://h/3").database == 3);
  CHECK(read("redis://:p%40ss@h:1/") == redis_address{"h", 1, "", "p@ss", 0});
  CHECK(read("redis://u:p@[::1]:7/15")
        == redis_address{"::1", 7, "u", "p", 15});
}

TEST_CASE("what is no Redis URL is told why") {
  for (auto url :
       {"", "redis:/h", "http://h", "redis://h:0", "redis://h:x", "redis://h/x",
        "redis://h/-1", "redis://h/1/2", "redis://u@h", "redis://h?db=1",
        "redis://h h", "redis://:%zz@h", "redis://a;redis://b"}) {
    INFO(url);
    auto out = parse_redis_url(url);
    REQUIRE(std::holds_alternative<std::string>(out));
    CHECK(!std::get<std::string>(out).empty());
  }
  auto tls = parse_redis_url("rediss://h");
  CHECK(std::get<std::string>(tls).find("TLS") == 0);
}
