#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"

#include <netinet/tcp.h>

using namespace dubber;
using namespace dubber::test;

TEST_CASE("one kept-alive connection serves call after call") {
  raw_server server{[](peer& client, int) {
    while (!client.read_request().empty())
      client.answer("ok");
  }};
  http_client client;
  for (int i = 0; i < 20; ++i) {
    auto out = call(client, get(server.url()));
    REQUIRE(out);
    CHECK(out->body == "ok");
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE("the request as the server sees it") {
  std::promise<std::string> seen;
  raw_server server{[&](peer& client, int) {
    seen.set_value(client.read_request());
    client.answer("");
  }};
  http_client client;
  auto request = post(server.url("/a%20b?c=d#e"), std::string{"body"});
  request.headers = {{"Content-Type", "text/plain"}};
  REQUIRE(call(client, request));
  auto text = seen.get_future().get();
  CHECK(text
        == "POST /a%20b?c=d HTTP/1.1\r\nContent-Type: text/plain\r\nHost: "
             + server.url("").substr(7)
             + "\r\nUser-Agent: dubber\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_CASE("Connection: close is respected") {
  raw_server server{[](peer& client, int) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n"
                "\r\nx");
    client.wait_closed();
  }};
  http_client client;
  CHECK(call(client, get(server.url())));
  CHECK(call(client, get(server.url())));
  CHECK(server.accepted() == 2);
}

TEST_CASE("an answer that ends with the connection, all in one packet") {
  raw_server server{[](peer& client, int) {
    int on = 1;
    ::setsockopt(client.fd(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n\r\nto the end");
  }};
  http_client client;
  for (int i = 0; i < 20; ++i) {
    auto out = call(client, get(server.url()));
    REQUIRE(out);
    CHECK(out->body == "to the end");
  }
}

TEST_CASE("what comes after an answer is no answer to the next call") {
  raw_server server{[](peer& client, int number) {
    client.read_request();
    std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
    // As much as the client reads at once.
    std::string body(64 * 1024 - head.size() - 9, 'x');
    client.send(head + std::to_string(body.size()) + "\r\n\r\n" + body
                + (number == 0 ? "HTTP/1.1 500 Unasked\r\n\r\n" : ""));
    client.wait_closed();
  }};
  http_client client;
  for (int i = 0; i < 2; ++i) {
    auto out = call(client, get(server.url()));
    REQUIRE(out);
    CHECK(out->status == 200);
  }
  CHECK(server.accepted() == 2);
}

namespace {

/// A server whose first connection answers one request and drops the second
/// unanswered; further connections answer everything.
raw_server::script stale_first() {
  return [](peer& client, int number) {
    if (!client.read_request().empty())
      client.answer("first");
    while (!client.read_request().empty() && number > 0)
      client.answer("again");
  };
}

} // namespace

TEST_CASE("a stale connection is not an attempt") {
  raw_server server{stale_first()};
  http_client client;
  REQUIRE(call(client, get(server.url())));
  auto out = call(client, get(server.url()));
  REQUIRE(out);
  CHECK(out->body == "first");
  CHECK(server.accepted() == 2);
}

TEST_CASE("a keyed POST is repeated, one without a key is not") {
  raw_server server{stale_first()};
  http_client client;
  REQUIRE(call(client, get(server.url())));
  auto plain = call(client, post(server.url(), std::string{"x"}));
  REQUIRE(!plain);
  CHECK(plain.error().code == fault_code::unreachable);
  raw_server other{stale_first()};
  REQUIRE(call(client, get(other.url())));
  auto keyed = post(other.url(), std::string{"x"});
  keyed.headers = {{"Idempotency-Key", "k"}};
  CHECK(call(client, keyed));
}

TEST_CASE("no more connections than allowed, the rest waits in line") {
  std::promise<void> go;
  auto gate = go.get_future().share();
  raw_server server{[gate](peer& client, int) {
    while (!client.read_request().empty()) {
      gate.wait();
      client.answer("ok");
    }
  }};
  http_client_limits limits;
  limits.connections_per_host = 2;
  limits.max_queued = 3;
  http_client client{limits};
  std::vector<awaited<result<http_response>>> ends(6);
  std::vector<call_handle> handles;
  for (auto& end : ends)
    handles.push_back(client.send(get(server.url()), end.callback()));
  auto last = ends.back().get();
  REQUIRE(!last);
  CHECK(last.error().code == fault_code::busy);
  go.set_value();
  ends.pop_back();
  for (auto& end : ends)
    CHECK(end.get());
  CHECK(server.accepted() == 2);
}

TEST_CASE("deadlines: no answer, and none while waiting in line") {
  raw_server server{[](peer& client, int) {
    client.wait_closed();
  }};
  http_client_limits limits;
  limits.connections_per_host = 1;
  http_client client{limits};
  awaited<result<http_response>> first;
  awaited<result<http_response>> second;
  auto request = get(server.url());
  request.deadline = ms{60};
  auto a = client.send(request, first.callback());
  request.deadline = ms{30};
  auto b = client.send(request, second.callback());
  auto queued = second.get();
  REQUIRE(!queued);
  CHECK(queued.error().code == fault_code::timeout);
  CHECK(queued.error().message.find("waiting for a connection")
        != std::string::npos);
  auto sent = first.get();
  REQUIRE(!sent);
  CHECK(sent.error().code == fault_code::timeout);
}

TEST_CASE("a refused connection and an unknown name are unreachable") {
  int port = raw_server{[](peer&, int) {
             }}.port();
  http_client client;
  auto refused
    = call(client, get("http://127.0.0.1:" + std::to_string(port) + "/"));
  REQUIRE(!refused);
  CHECK(refused.error().code == fault_code::unreachable);
  auto unknown = call(client, get("http://nobody.invalid/"));
  REQUIRE(!unknown);
  CHECK(unknown.error().code == fault_code::unreachable);
}

TEST_CASE("a name is looked up") {
  raw_server server{[](peer& client, int) {
    client.read_request();
    client.answer("ok");
  }};
  http_client client;
  CHECK(call(client,
             get("http://localhost:" + std::to_string(server.port()) + "/")));
}

TEST_CASE("2,000 calls at once") {
  raw_server server{[](peer& client, int) {
    while (!client.read_request().empty())
      client.answer("ok");
  }};
  http_client_limits limits;
  limits.connections_per_host = 64;
  http_client client{limits};
  std::atomic<int> good{0};
  std::atomic<int> left{2000};
  std::promise<void> all;
  for (int i = 0; i < 2000; ++i)
    client
      .send(get(server.url()),
            [&](result<http_response> out) {
              good += out && out->body == "ok";
              if (--left == 0)
                all.set_value();
            })
      .release();
  REQUIRE(all.get_future().wait_for(std::chrono::seconds{30})
          == std::future_status::ready);
  CHECK(good == 2000);
  CHECK(server.accepted() <= 64);
}
