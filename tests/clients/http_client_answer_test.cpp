#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

/// The outcome of a GET answered with these bytes, then closed.
result<http_response> answered(const std::string& bytes,
                               http_request request = {}) {
  raw_server server{[&](peer& client, int) {
    client.read_head();
    client.send(bytes);
  }};
  http_client client;
  request.url = server.url();
  return call(client, request);
}

fault_code code_of(const std::string& bytes, http_request request = {}) {
  auto out = answered(bytes, std::move(request));
  REQUIRE(!out);
  return out.error().code;
}

} // namespace

TEST_CASE("an answer with a length, a chunked one, one up to the end") {
  auto plain
    = answered("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: b\r\n\r\nabc");
  REQUIRE(plain);
  CHECK(plain->body == "abc");
  CHECK(plain->header("x-a") == "b");
  CHECK(plain->header("none").empty());
  auto chunked
    = answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n");
  REQUIRE(chunked);
  CHECK(chunked->body == "abcde");
  auto old = answered("HTTP/1.0 200 OK\r\n\r\nto the end");
  REQUIRE(old);
  CHECK(old->body == "to the end");
}

TEST_CASE("answers without a body") {
  http_request head;
  head.method = "HEAD";
  auto out
    = answered("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", head);
  REQUIRE(out);
  CHECK(out->body.empty());
  for (auto status : {"204 No Content", "304 Not Modified"}) {
    auto none = answered("HTTP/1.1 " + std::string{status} + "\r\n\r\n");
    REQUIRE(none);
    CHECK(none->body_bytes == 0);
  }
}

TEST_CASE("interim answers are skipped, within reason") {
  auto out
    = answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n"
               "\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx");
  REQUIRE(out);
  CHECK(out->status == 201);
  CHECK(out->headers.size() == 1);
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(code_of(many) == fault_code::bad_answer);
  CHECK(code_of("HTTP/1.1 101 Switching Protocols\r\n\r\n")
        == fault_code::bad_answer);
}

TEST_CASE("half answers and rubbish") {
  for (auto bytes : {
         "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
         "HTTP/1.1 200 OK\r\nContent-Len",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         "SSH-2.0-OpenSSH_9.2\r\n",
         "\1\2\3 rubbish",
       }) {
    INFO(bytes);
    CHECK(code_of(bytes) == fault_code::bad_answer);
  }
  CHECK(code_of("") == fault_code::unreachable);
}

TEST_CASE("long answers and headers hit their limits") {
  http_request small;
  small.max_answer_bytes = 10;
  CHECK(code_of("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", small)
        == fault_code::limit_exceeded);
  CHECK(code_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "6\r\nabcdef\r\n6\r\nabcdef\r\n",
                small)
        == fault_code::limit_exceeded);
  CHECK(code_of("HTTP/1.0 200 OK\r\n\r\nabcdefghijkl", small)
        == fault_code::limit_exceeded);
  auto exact = answered(
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", small);
  CHECK(exact);
  CHECK(code_of("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'x'))
        == fault_code::limit_exceeded);
  CHECK(code_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
                + std::string(200'000, 'x'))
        == fault_code::limit_exceeded);
}

TEST_CASE("a redirect is an answer like any other") {
  auto out = answered("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                      "Content-Length: 0\r\n\r\n");
  REQUIRE(out);
  CHECK(out->status == 302);
}

TEST_CASE("what could smuggle a second request is refused") {
  http_client client;
  auto refused = [&](http_request request) {
    auto out = call(client, std::move(request));
    return !out && out.error().code == fault_code::refused;
  };
  auto with = [](std::string name, std::string value) {
    auto out = get("http://127.0.0.1:1/");
    out.headers = {{std::move(name), std::move(value)}};
    return out;
  };
  CHECK(refused(with("A", "b\r\nHost: evil")));
  CHECK(refused(with("A\r\nB", "c")));
  CHECK(refused(with("A", std::string{"b\0c", 3})));
  CHECK(refused(with("Content-Length", "3")));
  CHECK(refused(with("transfer-encoding", "chunked")));
  CHECK(refused(get("http://127.0.0.1:1/a\r\nX: y")));
  CHECK(refused(get("http://user:secret@127.0.0.1:1/")));
  CHECK(refused(get("ftp://127.0.0.1/")));
  auto method = get("http://127.0.0.1:1/");
  method.method = "GET / HTTP/1.1\r\nX:";
  CHECK(refused(method));
}
