/// What others have done in the client's event loop.
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;
using steady = std::chrono::steady_clock;

TEST_CASE("what is posted is done on the client's thread, in order") {
  http_client client;
  std::vector<int> order;
  awaited<bool> own;
  CHECK_FALSE(client.is_own_thread());
  for (int i = 0; i < 100; ++i)
    client.post([&order, i] { order.push_back(i); });
  client.post([&, done = own.callback()] { done(client.is_own_thread()); });
  CHECK(own.get());
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("alarms ring at their time, whatever the order they were set in") {
  http_client client;
  auto begin = steady::now();
  std::vector<int> order; // of the client's thread
  awaited<steady::time_point> last;
  client.post_at(begin + 60ms, [&, done = last.callback()] {
    order.push_back(3);
    done(steady::now());
  });
  client.post_at(begin + 20ms, [&] { order.push_back(1); });
  client.post_at(begin + 40ms, [&] {
    order.push_back(2);
    // From the loop itself, and too late already.
    client.post_at(begin, [&] { order.push_back(4); });
  });
  CHECK(last.get() >= begin + 60ms);
  CHECK(order == std::vector{1, 2, 4, 3});
}

TEST_CASE("the end of the client drops what has not been done") {
  auto held = std::make_shared<int>(0);
  {
    http_client client;
    client.post_at(steady::now() + 1h, [held] { ++*held; });
    client.post([held] { ++*held; });
    awaited<bool> posted;
    client.post([done = posted.callback()] { done(true); });
    posted.get();
  }
  CHECK(*held == 1);
  CHECK(held.use_count() == 1);
}
