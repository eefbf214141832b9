#include "engines/connection_threads.hpp"

namespace dubber {

connection_threads::connection_threads(size_t threads, size_t most_waiting)
  : most_waiting_(most_waiting) {
  while (threads_.size() < threads)
    threads_.emplace_back([this] { work(); });
}

connection_threads::~connection_threads() {
  shutdown();
}

enqueued connection_threads::enqueue(std::function<void()> connection) {
  std::unique_lock lock{mutex_};
  // A thread is free again within the limits of http_connection at the latest.
  taken_.wait(lock, [this] { return waiting_.size() < most_waiting_; });
  waiting_.push_back(std::move(connection));
  lock.unlock();
  arrived_.notify_one();
  return static_cast<enqueued>(true);
}

void connection_threads::shutdown() {
  {
    std::lock_guard guard{mutex_};
    ending_ = true;
  }
  arrived_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

void connection_threads::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    arrived_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    auto connection = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    taken_.notify_one();
    connection();
    lock.lock();
  }
}

} // namespace dubber
