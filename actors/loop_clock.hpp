#pragma once

#include "clients/http_client.hpp"

#include <caf/detail/simple_actor_clock.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <ratio>

namespace dubber {

/// CAF's clock without a thread: its timers are alarms of the event loop. From
/// any thread.
class loop_clock : public caf::detail::simple_actor_clock,
                   public std::enable_shared_from_this<loop_clock> {
public:
  using caf_clock = caf::detail::simple_actor_clock;

  explicit loop_clock(http_client& loop) : loop_(loop) {
    // nop
  }

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                            caf::atom_value type, std::uint64_t id) override {
    change([&] { caf_clock::set_ordinary_timeout(t, self, type, id); });
  }
  void set_multi_timeout(time_point t, caf::abstract_actor* self,
                         caf::atom_value type, std::uint64_t id) override {
    change([&] { caf_clock::set_multi_timeout(t, self, type, id); });
  }
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override {
    change([&] { caf_clock::set_request_timeout(t, self, id); });
  }
  void cancel_ordinary_timeout(caf::abstract_actor* self,
                               caf::atom_value type) override {
    change([&] { caf_clock::cancel_ordinary_timeout(self, type); });
  }
  void cancel_request_timeout(caf::abstract_actor* self,
                              caf::message_id id) override {
    change([&] { caf_clock::cancel_request_timeout(self, id); });
  }
  void cancel_timeouts(caf::abstract_actor* self) override {
    change([&] { caf_clock::cancel_timeouts(self); });
  }
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override {
    change([&] {
      caf_clock::schedule_message(t, std::move(receiver), std::move(content));
    });
  }
  void schedule_message(time_point t, caf::group target,
                        caf::strong_actor_ptr sender,
                        caf::message content) override {
    change([&] {
      caf_clock::schedule_message(t, std::move(target), std::move(sender),
                                  std::move(content));
    });
  }
  void cancel_all() override {
    change([&] { caf_clock::cancel_all(); });
  }

  /// No alarm is heard any more; what was to come is dropped.
  void close() {
    std::lock_guard lock{mutex_};
    closed_ = true;
    caf_clock::cancel_all();
  }

  /// On the loop's thread.
  void ring() {
    std::lock_guard lock{mutex_};
    if (closed_)
      return;
    armed_ = time_point::max();
    trigger_expired_timeouts();
    arm();
  }

private:
  using grid = std::chrono::duration<std::int64_t, std::ratio<4, 1'000>>;

  template <class F>
  void change(F&& f) {
    std::lock_guard lock{mutex_};
    if (closed_)
      return;
    f();
    arm();
  }

  /// Alarms that are too early by now ring for nothing. Timers of the same few
  /// milliseconds have one alarm.
  void arm() {
    auto first = schedule().begin();
    if (first == schedule().end() || armed_ <= first->first)
      return;
    auto on_grid = std::chrono::ceil<grid>(first->first);
    if (armed_ <= on_grid)
      return;
    armed_ = on_grid;
    loop_.post_at(armed_, [me = shared_from_this()] { me->ring(); });
  }

  http_client& loop_;
  /// Dropping a message may set or cancel another timer.
  std::recursive_mutex mutex_;
  time_point armed_ = time_point::max();
  bool closed_ = false;
};

} // namespace dubber
