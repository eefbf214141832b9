#pragma once

#include "engines/httplib.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dubber {

/// The threads that serve connections. Unlike httplib's own pool its queue is
/// bounded: when it is full, accepting waits, and the kernel's backlog grows.
class connection_threads : public httplib::TaskQueue {
public:
  connection_threads(size_t threads, size_t most_waiting);
  ~connection_threads() override;

  /// Waits while the queue is full.
  enqueued enqueue(std::function<void()> connection) override;

  /// Serves what was enqueued, then ends the threads.
  void shutdown() override;

private:
  void work();

  size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable taken_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

} // namespace dubber
