#include "clients/http/url.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

TEST_CASE("URLs taken apart") {
  auto url = wire::parse_url("HTTP://Service-ASR:8100?a=b#c");
  REQUIRE(url);
  CHECK(url->host == "service-asr");
  CHECK(url->port == 8100);
  CHECK(url->target == "/?a=b");
  CHECK(url->authority == "service-asr:8100");
  CHECK(url->origin == "http://service-asr:8100");
  auto v6 = wire::parse_url("https://[::1]/x");
  REQUIRE(v6);
  CHECK(v6->tls);
  CHECK(v6->is_address);
  CHECK(v6->host == "::1");
  CHECK(v6->authority == "[::1]");
  CHECK(v6->port == 443);
  CHECK(wire::parse_url("http://10.0.0.1:80/")->authority == "10.0.0.1");
}

TEST_CASE("URLs that are refused") {
  for (auto text : {"",
                    "/path",
                    "http:",
                    "http://",
                    "http:///x",
                    "ftp://a/",
                    "file:///etc",
                    "http://u@h/",
                    "http://u:p@h/",
                    "http://h:0/",
                    "http://h:65536/",
                    "http://h:/",
                    "http://h:8x/",
                    "http://[::1",
                    "http://[zz]/",
                    "http://[::1]x/",
                    "http://::1/",
                    "http://a b/",
                    "http://a/b c",
                    "http://a/\r\nX: y",
                    "http://h\xc3\xa4/",
                    "http://h%20/"}) {
    INFO(text);
    auto out = wire::parse_url(text);
    REQUIRE(!out);
    CHECK(out.error().code == fault_code::refused);
  }
}
