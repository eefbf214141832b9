#include "clients/work_pool.hpp"

#include <algorithm>

namespace dubber {

work_pool::work_pool(int threads) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this] { loop(); });
}

work_pool::~work_pool() {
  stop();
}

void work_pool::stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
    queue_.clear();
    for (auto& flag : running_)
      *flag = true;
  }
  ready_.notify_all();
  for (auto& t : threads_)
    t.join();
  threads_.clear();
}

call_handle work_pool::post(std::function<void(const cancel_flag&)> work) {
  auto flag = std::make_shared<std::atomic<bool>>(false);
  {
    std::lock_guard lock{mutex_};
    if (!stopping_)
      queue_.push_back({std::move(work), flag});
  }
  ready_.notify_one();
  return call_handle{[flag] {
    *flag = true;
  }};
}

void work_pool::loop() {
  for (;;) {
    item next;
    {
      std::unique_lock lock{mutex_};
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_)
        return;
      next = std::move(queue_.front());
      queue_.pop_front();
      running_.push_back(next.cancelled);
    }
    if (!*next.cancelled)
      next.work(next.cancelled);
    std::lock_guard lock{mutex_};
    running_.erase(std::find(running_.begin(), running_.end(), next.cancelled));
  }
}

} // namespace dubber
