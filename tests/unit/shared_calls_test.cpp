#include "core/shared_calls.hpp"

#include "tests/support/catch.hpp"

#include <random>
#include <set>

using namespace dubber;
using part = shared_calls::part;
using ids = std::vector<std::uint64_t>;

TEST_CASE("shared calls: the first leads, all have the result") {
  shared_calls calls;
  CHECK(calls.ask("a", 1) == part::leads);
  CHECK(calls.ask("a", 2) == part::waits);
  CHECK(calls.ask("b", 3) == part::leads);
  CHECK(calls.ask("a", 4) == part::waits);
  CHECK(calls.settled("a") == ids{1, 2, 4});
  CHECK(calls.settled("a").empty());
  CHECK(calls.leader("b") == 3);
  CHECK(calls.size() == 1);
  CHECK(calls.ask("a", 5) == part::leads);
}

TEST_CASE("shared calls: when the leader goes the next one leads") {
  shared_calls calls;
  calls.ask("a", 1);
  calls.ask("a", 2);
  calls.ask("a", 3);
  CHECK_FALSE(calls.gone(2)); // only waited
  CHECK(calls.gone(1) == 3);
  CHECK_FALSE(calls.gone(3));
  CHECK_FALSE(calls.gone(3)); // is not there any more
  CHECK_FALSE(calls.leader("a"));
  CHECK(calls.size() == 0);
}

TEST_CASE(
  "shared calls: whatever happens, a call that is wanted has one leader") {
  std::mt19937 dice{7};
  auto below = [&](std::uint32_t n) {
    return static_cast<std::uint32_t>(dice() % n);
  };
  shared_calls calls;
  std::map<std::string, std::set<std::uint64_t>> wanted;
  std::map<std::string, std::uint64_t> leads;
  for (std::uint64_t step = 1; step <= 20'000; ++step) {
    auto key = std::string(1, static_cast<char>('a' + below(4)));
    auto& asking = wanted[key];
    switch (below(3)) {
    case 0:
      CHECK((calls.ask(key, step) == part::leads) == asking.empty());
      if (asking.empty())
        leads[key] = step;
      asking.insert(step);
      break;
    case 1:
      if (!asking.empty()) {
        auto i = std::next(asking.begin(),
                           below(static_cast<std::uint32_t>(asking.size())));
        auto who = *i;
        asking.erase(i);
        auto next = calls.gone(who);
        CHECK(next.has_value() == (leads[key] == who && !asking.empty()));
        if (next)
          leads[key] = *next;
      }
      break;
    default: {
      auto all = calls.settled(key);
      CHECK(std::set(all.begin(), all.end()) == asking);
      asking.clear();
    }
    }
    if (!asking.empty()) {
      REQUIRE(calls.leader(key) == leads[key]);
      REQUIRE(asking.count(leads[key]));
    }
  }
}
