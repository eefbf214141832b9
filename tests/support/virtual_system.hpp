#pragma once

#include "tests/support/timeline.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace dubber::test {

/// An actor system in which nothing runs and no time passes unless the test
/// says so; CAF's timers and the doubles' deeds share one time.
class virtual_system {
public:
  using coordinator = caf::scheduler::test_coordinator;

  explicit virtual_system(timeline& time)
    : time_(time), sys_(make_config(cfg_)),
      sched_(dynamic_cast<coordinator&>(sys_.scheduler())), origin_(time.now()),
      clock_origin_(sched_.clock().now()) {
    // nop
  }

  virtual_system(const virtual_system&) = delete;
  virtual_system& operator=(const virtual_system&) = delete;

  caf::actor_system& sys() {
    return sys_;
  }

  /// Has one actor handle one message; false when no message is left.
  /// @param who Which of the actors that have some, by their place in `jobs`.
  bool step(std::size_t who = 0) {
    auto& jobs = sched_.jobs;
    if (who >= jobs.size())
      return false;
    auto i = jobs.begin() + static_cast<std::ptrdiff_t>(who);
    std::rotate(jobs.begin(), i, i + 1);
    return sched_.try_run_once();
  }

  /// Runs the actors until no message is left.
  void run() {
    while (step()) {
    }
  }

  /// When a timer or a double's deed is due next.
  std::optional<time_point> next() const {
    auto next = time_.next();
    auto& timers = peek::of(sched_.clock());
    if (!timers.empty()) {
      auto since = timers.begin()->first - clock_origin_;
      auto due = origin_ + std::chrono::ceil<ms>(since);
      next = next ? std::min(*next, due) : due;
    }
    return next;
  }

  /// It is `t` now: the timers that are due have sent their messages, the
  /// doubles have not acted yet (`timeline::do_one`), and no actor has run.
  void set_time(time_point t) {
    time_.set(t);
    auto passed = sched_.clock().now() - clock_origin_;
    sched_.advance_time(t - origin_ - passed);
  }

  /// Lets `length` pass: everything happens at its very moment, and all actors
  /// run until they rest before time goes on.
  void advance(ms length) {
    auto end = time_.now() + length;
    run();
    for (auto due = next(); due && *due <= end; due = next()) {
      set_time(std::max(*due, time_.now()));
      while (time_.do_one())
        run();
      run();
    }
    set_time(end);
    run();
  }

  /// Ends `all`, and with them whoever depends on them.
  void kill(const std::vector<caf::actor>& all) {
    for (auto& hdl : all)
      caf::anon_send_exit(hdl, caf::exit_reason::kill);
    run();
  }

  /// The actors that have messages.
  const std::deque<caf::resumable*>& jobs() const {
    return sched_.jobs;
  }

private:
  /// The clock does not say when it is due next.
  struct peek : caf::detail::simple_actor_clock {
    static const schedule_map& of(caf::detail::simple_actor_clock& clock) {
      return clock.*(&peek::schedule_);
    }
  };

  static caf::actor_system_config& make_config(caf::actor_system_config& cfg) {
    cfg.set("scheduler.policy", caf::atom("testing"));
    return cfg;
  }

  timeline& time_;
  caf::actor_system_config cfg_;
  caf::actor_system sys_;
  coordinator& sched_;
  time_point origin_;
  caf::actor_clock::time_point clock_origin_;
};

} // namespace dubber::test
