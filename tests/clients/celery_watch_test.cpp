#include "clients/celery/task_watch.hpp"
#include "tests/support/catch.hpp"

#include <condition_variable>
#include <map>
#include <mutex>

using namespace dubber;
using namespace std::literals;
using steady = task_watch::steady;

namespace {

/// Results that a test writes.
struct shelf {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::string> states;
  bool is_away = false;
  int looks = 0;
  std::size_t most_ids = 0;

  void set(const std::string& id, const std::string& state) {
    std::lock_guard lock{mutex};
    states[id] = state;
  }
  template <class F>
  auto read(const F& f) {
    std::lock_guard lock{mutex};
    return f();
  }
  /// Until it was looked for news some more.
  bool is_looked_at() {
    auto before = read([this] { return looks; });
    return comes([&] { return looks > before + 2; });
  }
  void be_away(bool is) {
    std::lock_guard lock{mutex};
    is_away = is;
  }
  template <class Condition>
  bool comes(const Condition& condition) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, 20s, condition);
  }
};

struct shelf_results : task_results {
  explicit shelf_results(shelf& f) : from(f) {}

  result<states> look(const std::vector<std::string>& ids) override {
    std::lock_guard lock{from.mutex};
    ++from.looks;
    from.changed.notify_all();
    from.most_ids = std::max(from.most_ids, ids.size());
    if (from.is_away)
      return fault{fault_code::unreachable, "nobody is there", 0, {}};
    states out;
    for (auto& id : ids)
      out.push_back(from.states.count(id) ? std::optional{from.states[id]}
                                          : std::nullopt);
    return out;
  }

  shelf& from;
};

/// What the watch says.
struct ear : task_watch::observer {
  explicit ear(shelf& s) : with(s) {}

  void results_up() override {
    note([&] { ++ups; });
  }
  void results_down(const fault&, ms) override {
    note([&] { ++downs; });
  }
  void tasks_waited_for(std::size_t) override {}

  template <class F>
  void note(const F& f) {
    std::lock_guard lock{with.mutex};
    f();
    with.changed.notify_all();
  }

  task_watch::waiter waiter() {
    return {[this](const std::string& id, const std::string& state) {
              note([&] { news.push_back(id + "=" + state); });
            },
            [this] {
              note([&] { ++late; });
            }};
  }

  shelf& with;
  int ups = 0, downs = 0, late = 0;
  std::vector<std::string> news;
};

constexpr task_watch::settings quick{ms{5}, ms{20}, ms{5}, ms{20}, ms{3'000}};

struct lab {
  shelf from;
  ear heard{from};
  task_watch watch{std::make_unique<shelf_results>(from), quick, heard};
};

} // namespace

TEST_CASE("task watch: each new state is told once, to who follows it") {
  lab x;
  auto who = x.watch.begin(steady::now() + 1h, x.heard.waiter());
  x.from.set("a", "STARTED");
  x.watch.follow(who, {"a", "b"});
  REQUIRE(x.from.comes([&] { return x.heard.news.size() == 1; }));
  x.from.set("other", "SUCCESS");
  REQUIRE(x.from.is_looked_at());
  x.from.set("b", "SUCCESS");
  REQUIRE(x.from.comes([&] { return x.heard.news.size() == 2; }));
  CHECK(x.from.read([&] { return x.heard.news; })
        == std::vector{"a=STARTED"s, "b=SUCCESS"s});
  x.watch.end(who);
  x.from.set("a", "SUCCESS");
  REQUIRE(x.from.is_looked_at());
  CHECK(x.from.read([&] { return x.heard.news.size(); }) == 2);
  CHECK(x.from.read([&] { return x.heard.late; }) == 0);
}

TEST_CASE("task watch: deadlines come once, and can come earlier") {
  lab x;
  x.watch.begin(steady::now() - 1ms, x.heard.waiter());
  REQUIRE(x.from.comes([&] { return x.heard.late == 1; }));
  auto who = x.watch.begin(steady::now() + 1h, x.heard.waiter());
  x.watch.shorten(who, steady::now() + 10ms);
  x.watch.shorten(who, steady::now() + 2h); // no later
  REQUIRE(x.from.comes([&] { return x.heard.late == 2; }));
  REQUIRE(x.from.is_looked_at());
  CHECK(x.from.read([&] { return x.heard.late; }) == 2);
}

TEST_CASE("task watch: hundreds are asked for at once") {
  lab x;
  for (int i = 0; i < 600; ++i) {
    auto who = x.watch.begin(steady::now() + 1h, x.heard.waiter());
    x.from.set(std::to_string(i), "SUCCESS");
    x.watch.follow(who, {std::to_string(i)});
  }
  REQUIRE(x.from.comes([&] { return x.heard.news.size() == 600; }));
  REQUIRE(x.from.comes([&] { return x.from.most_ids == 600; }));
}

TEST_CASE("task watch: results that are away are waited for") {
  lab x;
  REQUIRE(x.from.comes([&] { return x.heard.ups == 1; }));
  CHECK(x.watch.trouble().empty());
  x.from.be_away(true);
  auto who = x.watch.begin(steady::now() + 1h, x.heard.waiter());
  x.from.set("a", "SUCCESS");
  x.watch.follow(who, {"a"});
  REQUIRE(x.from.comes([&] { return x.heard.downs >= 2; }));
  CHECK(x.watch.trouble() == "nobody is there");
  auto asked = 0;
  x.watch.ask({"a"}, [&](const result<task_results::states>& found) {
    x.heard.note([&] { asked = found ? 1 : -1; });
  });
  REQUIRE(x.from.comes([&] { return asked != 0; }));
  CHECK(asked == -1);
  x.from.be_away(false);
  REQUIRE(x.from.comes([&] { return x.heard.news.size() == 1; }));
  CHECK(x.watch.trouble().empty());
  x.watch.stop();
  x.watch.ask({"a"}, [&](const result<task_results::states>&) { asked = 2; });
  CHECK(asked == -1);
}
