#pragma once

#include "clients/call_handle.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace dubber {

/// Says whether a piece of work is still wanted; work asks it now and then.
using cancel_flag = std::shared_ptr<std::atomic<bool>>;

/// Threads for work on files and for children. How much waits is bounded by the
/// permits of the gates that let the work through.
class work_pool {
public:
  explicit work_pool(int threads);
  work_pool(const work_pool&) = delete;
  work_pool& operator=(const work_pool&) = delete;
  ~work_pool();

  /// Cancels what runs and waits for it; what waits is not begun, nor is what
  /// comes later. For owners of things that the work uses.
  void stop();

  /// Has `work` run on one of the threads, unless cancelled before.
  call_handle post(std::function<void(const cancel_flag&)> work);

private:
  struct item {
    std::function<void(const cancel_flag&)> work;
    cancel_flag cancelled;
  };
  void loop();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<item> queue_;
  std::vector<cancel_flag> running_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace dubber
