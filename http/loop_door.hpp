#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace dubber {

/// How all threads reach the server's loop, for as long as there is one:
/// answers may come long after.
class loop_door {
public:
  using post = std::function<void(std::function<void()>)>;

  explicit loop_door(post into) : into_(std::move(into)) {
    // nop
  }

  /// Called once, on the loop's own thread.
  void settle_here() {
    std::lock_guard lock{mutex_};
    inside_ = std::this_thread::get_id();
  }

  /// Runs `what` on the loop's thread: at once when this is it, else later;
  /// drops it when the loop has ended.
  void enter(std::function<void()> what) {
    {
      std::lock_guard lock{mutex_};
      if (!into_)
        return;
      if (inside_ != std::this_thread::get_id())
        return into_(std::move(what));
    }
    what();
  }

  void close() {
    std::lock_guard lock{mutex_};
    into_ = nullptr;
    inside_ = {};
  }

private:
  std::mutex mutex_;
  post into_;
  std::thread::id inside_;
};

} // namespace dubber
