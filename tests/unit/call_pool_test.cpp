#include "core/call_pool.hpp"

#include "tests/support/catch.hpp"

#include <map>
#include <random>
#include <vector>

using dubber::call_pool;

namespace {

call_pool with(std::size_t limit, const std::vector<std::string>& services) {
  call_pool out{limit};
  for (auto& name : services)
    out.add(name);
  return out;
}

/// How many places in a row the service gets.
std::size_t take_all(call_pool& pool, const std::string& service) {
  std::size_t n = 0;
  while (pool.take(service))
    ++n;
  return n;
}

} // namespace

TEST_CASE("open calls: a place is kept for each service without a call") {
  auto pool = with(10, {"asr", "gateway", "tts"});
  CHECK(take_all(pool, "asr") == 8);
  CHECK(pool.is_wanting("asr"));
  CHECK(pool.take("gateway"));
  CHECK_FALSE(pool.take("gateway"));
  CHECK(pool.take("tts"));
  CHECK(pool.open() == 10);
  CHECK_FALSE(pool.take("tts"));
}

TEST_CASE("open calls: a place that is free is for who has fewest") {
  auto pool = with(10, {"asr", "tts"});
  CHECK(take_all(pool, "asr") == 9);
  CHECK(pool.take("tts"));
  CHECK_FALSE(pool.take("tts"));
  CHECK_FALSE(pool.wake());
  pool.give_back("asr");
  CHECK(pool.wake() == "tts");
  CHECK_FALSE(pool.wake()); // once
  CHECK_FALSE(pool.take("asr"));
  CHECK(pool.take("tts"));
  // Each place that comes back goes there until both have as many.
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(pool.take("tts"));
    pool.give_back("asr");
    CHECK(pool.wake() == "tts");
    CHECK(pool.take("tts"));
  }
  CHECK_FALSE(pool.take("tts"));
  pool.give_back("tts");
  CHECK(pool.wake() == "tts");
}

TEST_CASE("open calls: of equals the one goes first that has wanted longest") {
  auto pool = with(4, {"a", "b"});
  for (auto name : {"a", "a", "b", "b"})
    REQUIRE(pool.take(name));
  CHECK_FALSE(pool.take("b"));
  CHECK_FALSE(pool.take("a"));
  pool.give_back("a");
  pool.give_back("b");
  CHECK(pool.wake() == "b");
  CHECK(pool.take("b"));
  CHECK(pool.wake() == "a");
  CHECK(pool.take("a"));
}

TEST_CASE("open calls: who is woken and wants no more lets the next go") {
  auto pool = with(3, {"a", "b", "c"});
  for (auto name : {"a", "b", "c"})
    REQUIRE(pool.take(name));
  CHECK_FALSE(pool.take("a"));
  CHECK_FALSE(pool.take("b"));
  pool.give_back("c");
  // c has none now: the place is kept for it.
  CHECK_FALSE(pool.wake());
  pool.give_back("a");
  CHECK(pool.wake() == "a");
  pool.wants_none("a");
  CHECK_FALSE(pool.is_wanting("a"));
  CHECK_FALSE(pool.wake()); // both are kept
  CHECK(pool.take("a"));
  CHECK(pool.take("c"));
  pool.give_back("b");
  CHECK(pool.wake() == "b");
}

TEST_CASE("open calls: random use never exceeds the limit, wakes whoever can "
          "go on, and shuts nobody out") {
  const std::vector<std::string> names{"a", "b", "c", "d"};
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 rng{seed};
    auto limit = 4 + rng() % 8;
    auto pool = with(limit, names);
    std::map<std::string, std::size_t> open;
    std::map<std::string, std::size_t> queue;
    // As a gate does: takes what it can for those that wait.
    auto serve = [&](const std::string& name) {
      while (queue[name] > 0 && pool.take(name))
        --queue[name], ++open[name];
      if (queue[name] == 0)
        pool.wants_none(name);
    };
    for (int i = 0; i < 500; ++i) {
      auto& name = names[rng() % names.size()];
      if (rng() % 2 == 0) {
        ++queue[name];
      } else if (open[name] > 0) {
        --open[name];
        pool.give_back(name);
      }
      serve(name);
      while (auto next = pool.wake())
        serve(*next);
      std::size_t sum = 0;
      for (auto& each : names)
        sum += open[each];
      REQUIRE(sum == pool.open());
      REQUIRE(sum <= limit);
      for (auto& each : names)
        REQUIRE((queue[each] == 0 || open[each] > 0));
      // Nobody waits beside a place that is for anybody.
      auto kept = std::count_if(names.begin(), names.end(),
                                [&](auto& x) { return open[x] == 0; });
      auto waits = std::any_of(names.begin(), names.end(),
                               [&](auto& x) { return queue[x] > 0; });
      REQUIRE((!waits || limit - sum <= static_cast<std::size_t>(kept)));
    }
  }
}
