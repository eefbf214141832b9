#include "actors/loop_scheduler.hpp"

#include "actors/loop_clock.hpp"
#include "metrics/log.hpp"

#include <caf/execution_unit.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace dubber {

namespace {

using caf::resumable;

/// Messages that an actor handles before others get their turn.
constexpr std::size_t throughput = 50;
/// Actors that get their turn before sockets and timers do.
constexpr int share = 200;

/// Runs what is ready, on the loop's thread.
class loop_unit : public caf::execution_unit,
                  public std::enable_shared_from_this<loop_unit> {
public:
  loop_unit(caf::actor_system& sys, http_client& loop)
    : execution_unit(&sys), loop_(loop) {
    // nop
  }

  /// From the loop's thread.
  void exec_later(resumable* what) override {
    ready_.push_back(what);
    if (!std::exchange(awaited_, true))
      loop_.post([me = shared_from_this()] { me->turn(); });
  }

  /// From any thread.
  void enqueue(resumable* what) {
    if (loop_.is_own_thread()) {
      if (closed_)
        caf::scheduler::abstract_coordinator::cleanup_and_release(what);
      else
        exec_later(what);
      return;
    }
    std::unique_lock lock{mutex_};
    if (barred_) {
      lock.unlock();
      caf::scheduler::abstract_coordinator::cleanup_and_release(what);
      return;
    }
    sent_.push_back(what);
    if (sent_.size() == 1)
      loop_.post([me = shared_from_this()] { me->take_sent(); });
  }

  /// On the loop's thread, when no actor is left: nothing is run any more.
  void close() {
    closed_ = true;
    {
      std::lock_guard lock{mutex_};
      barred_ = true;
      ready_.insert(ready_.end(), sent_.begin(), sent_.end());
      sent_.clear();
    }
    while (!ready_.empty()) {
      auto what = ready_.front();
      ready_.pop_front();
      caf::scheduler::abstract_coordinator::cleanup_and_release(what);
    }
    // The system waits for the last thread that knows its logger.
    caf::logger::set_current_actor_system(nullptr);
  }

private:
  void take_sent() {
    if (closed_)
      return;
    std::vector<resumable*> sent;
    {
      std::lock_guard lock{mutex_};
      sent.swap(sent_);
    }
    ready_.insert(ready_.end(), sent.begin(), sent.end());
    if (!awaited_ && !ready_.empty())
      turn();
  }

  void turn() {
    if (closed_)
      return;
    log::gathering lines;
    awaited_ = true; // what it makes ready comes in the same turn
    if (!std::exchange(known_, true))
      caf::logger::set_current_actor_system(&system());
    for (int i = 0; i < share && !ready_.empty(); ++i) {
      auto what = ready_.front();
      ready_.pop_front();
      if (what->resume(this, throughput) == resumable::resume_later)
        ready_.push_back(what);
      else
        caf::intrusive_ptr_release(what);
    }
    awaited_ = !ready_.empty();
    if (awaited_)
      loop_.post([me = shared_from_this()] { me->turn(); });
  }

  http_client& loop_;
  std::mutex mutex_;
  std::vector<resumable*> sent_; ///< by other threads
  bool barred_ = false;          ///< they cannot any more

  // Of the loop's thread.
  std::deque<resumable*> ready_;
  bool awaited_ = false; ///< a turn is under way, or will be
  bool known_ = false;
  bool closed_ = false;
};

class loop_scheduler : public caf::scheduler::abstract_coordinator {
public:
  loop_scheduler(caf::actor_system& sys, http_client& loop)
    : abstract_coordinator(sys), loop_(loop),
      unit_(std::make_shared<loop_unit>(sys, loop)),
      clock_(std::make_shared<loop_clock>(loop)) {
    // nop
  }

  void enqueue(resumable* what) override {
    unit_->enqueue(what);
  }

  caf::actor_clock& clock() noexcept override {
    return *clock_;
  }

  /// The loop goes on: what it still has of this finds it closed.
  void stop() override {
    stop_actors();
    clock_->close();
    std::promise<void> closed;
    loop_.post([this, &closed] {
      unit_->close();
      closed.set_value();
    });
    closed.get_future().wait();
  }

private:
  http_client& loop_;
  std::shared_ptr<loop_unit> unit_;
  std::shared_ptr<loop_clock> clock_;
};

} // namespace

void run_in_loop(caf::actor_system_config& cfg, http_client& loop) {
  cfg.module_factories.emplace_back(
    [&loop](caf::actor_system& sys) -> caf::actor_system::module* {
      return new loop_scheduler(sys, loop);
    });
}

} // namespace dubber
