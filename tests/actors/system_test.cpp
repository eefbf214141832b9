/// The running system on real threads: shared actors die, and it goes on.
#include "actors/system.hpp"

#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/flaky_journal.hpp"

#include <atomic>
#include <chrono>
#include <thread>

using namespace dubber;
using namespace std::literals;

namespace {

/// Throws inside the journal writer, as a bug would, as often as it is told.
class throwing_probe : public probe {
public:
  void journal_committed(std::size_t, ms) override {
    if (to_throw > 0 && to_throw-- > 0)
      throw std::runtime_error("a bug");
  }
  void actor_restarted(std::string_view) override {
    ++restarts;
  }

  std::atomic<int> to_throw = 0;
  std::atomic<int> restarts = 0;
};

struct running {
  test::flaky_journal store;
  throwing_probe metrics;
  std::atomic<bool> broken = false;
  std::unique_ptr<http_client> loop; ///< goes after the system
  std::unique_ptr<coordinator_system> system;

  explicit running(bool in_loop) {
    system_setup setup;
    if (in_loop)
      loop = std::make_unique<http_client>();
    setup.loop = loop.get();
    setup.policies = default_policies();
    setup.store = &store;
    setup.metrics = &metrics;
    setup.on_broken = [this](const std::string&) {
      broken = true;
    };
    auto started = coordinator_system::start(std::move(setup));
    REQUIRE(started);
    system = std::move(*started);
    system->take_up();
  }

  /// Has something written; whether that is known depends on who lives.
  void write() {
    system->keep({{"test", "name", "{}", time_point{ms{1}}}}, [](bool) {});
  }

  /// Writes until `done`, a minute at most.
  template <class F>
  bool write_until(F done) {
    auto deadline = std::chrono::steady_clock::now() + 1min;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      write();
      std::this_thread::yield();
    }
    return true;
  }

  /// Whether what is written now is on record soon.
  bool works() {
    auto kept = std::make_shared<std::atomic<bool>>(false);
    return write_until([&] {
      system->keep({{"test", "proof", "{}", time_point{ms{1}}}},
                   [kept](bool is) { *kept = is; });
      return kept->load();
    });
  }
};

} // namespace

TEST_CASE("running system: shared actors that die are started again") {
  running r{GENERATE(false, true)};
  for (auto death = 1; death <= 3; ++death) {
    r.metrics.to_throw = 1;
    REQUIRE(r.write_until([&] { return r.metrics.restarts == death; }));
    REQUIRE(r.works());
  }
  CHECK_FALSE(r.broken);
  CHECK(r.system->ready().ready);
  test::awaited<services_view> seen;
  r.system->services(seen.callback());
  CHECK(seen.get().items.size() == default_policies().size());
  r.system->stop();
}

TEST_CASE("running system: that dies too often says so, and can be stopped") {
  running r{GENERATE(false, true)};
  r.metrics.to_throw = 1'000'000;
  REQUIRE(r.write_until([&] { return r.broken.load(); }));
  CHECK(r.metrics.restarts == 11);
  r.system->begin_stop();
  r.system->stop();
}

TEST_CASE("running system: stopped at any moment of a restart") {
  auto in_loop = GENERATE(false, true);
  for (auto i = 0; i < 20; ++i) {
    running r{in_loop};
    r.metrics.to_throw = 5;
    r.write();
    for (auto n = 0; n < i * 20; ++n)
      std::this_thread::yield();
    r.system->begin_stop();
    r.system->stop();
  }
}
