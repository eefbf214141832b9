#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("cancelling closes the connection and calls nobody") {
  std::promise<void> asked;
  std::promise<void> closed;
  raw_server server{[&](peer& client, int) {
    client.read_request();
    asked.set_value();
    client.wait_closed();
    closed.set_value();
  }};
  http_client client;
  std::atomic<int> called{0};
  auto handle = client.send(get(server.url()), [&](auto) { ++called; });
  asked.get_future().wait();
  handle.cancel();
  CHECK(closed.get_future().wait_for(std::chrono::seconds{30})
        == std::future_status::ready);
  CHECK(called == 0);
}

TEST_CASE("cancelled while uploading") {
  std::promise<void> asked;
  std::promise<void> closed;
  raw_server server{[&](peer& client, int) {
    client.read_head();
    asked.set_value();
    client.wait_closed();
    closed.set_value();
  }};
  http_client client;
  auto handle
    = client.send(post(server.url(), std::string(64 << 20, 'x')), [](auto) {});
  asked.get_future().wait();
  handle.cancel();
  CHECK(closed.get_future().wait_for(std::chrono::seconds{30})
        == std::future_status::ready);
}

TEST_CASE("the end of the client ends its calls as cancelled, once each") {
  raw_server server{[](peer& client, int) {
    client.wait_closed();
  }};
  std::atomic<int> cancelled{0};
  std::vector<call_handle> handles;
  {
    http_client_limits limits;
    limits.connections_per_host = 4;
    http_client client{limits};
    for (int i = 0; i < 20; ++i)
      handles.push_back(client.send(get(server.url()), [&](auto out) {
        cancelled += !out && out.error().code == fault_code::cancelled;
      }));
  }
  CHECK(cancelled == 20);
  handles.clear(); // cancelling afterwards does nothing
}

TEST_CASE("cancels race with answers from many threads") {
  raw_server server{[](peer& client, int) {
    while (!client.read_request().empty())
      client.answer("ok");
  }};
  http_client_limits limits;
  limits.connections_per_host = 8;
  http_client client{limits};
  std::vector<std::thread> threads;
  std::atomic<int> twice{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        auto count = std::make_shared<std::atomic<int>>(0);
        auto host = (i % 50 == 0) ? "http://localhost:" : "http://127.0.0.1:";
        auto handle = client.send(
          get(host + std::to_string(server.port()) + "/"),
          [count, &twice](auto) { twice += count->fetch_add(1) > 0; });
        for (int spin = 0; spin < (i * 7 + t) % 97; ++spin)
          std::this_thread::yield();
        handle.cancel();
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(twice == 0);
  CHECK(call(client, get(server.url())));
}

TEST_CASE("the client may be destroyed by a callback of its own") {
  raw_server server{[](peer& client, int) {
    client.read_request();
    client.answer("ok");
  }};
  auto client = std::make_unique<http_client>();
  std::promise<void> gone;
  auto handle = client->send(get(server.url()), [&](auto) {
    client.reset();
    gone.set_value();
  });
  gone.get_future().wait();
  CHECK(client == nullptr);
}
