#include "engines/gateway/notifier.hpp"

#include "engines/http_service.hpp"

#include <cstdio>

namespace dubber {

namespace {

constexpr size_t most_waiting = 1000;
constexpr time_t timeout_s = 5;

} // namespace

notifier::notifier(std::string url) : url_(std::move(url)) {
  if (!url_.empty())
    thread_ = std::thread{[this] {
      work();
    }};
}

notifier::~notifier() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void notifier::job_saved(int64_t id) {
  if (url_.empty())
    return;
  std::lock_guard guard{mutex_};
  if (waiting_.size() >= most_waiting) {
    std::fprintf(stderr, "notify_dropped job=%ld\n", static_cast<long>(id));
    return;
  }
  waiting_.push_back(id);
  changed_.notify_one();
}

void notifier::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_)
      return;
    auto id = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    httplib::Client client{url_};
    client.set_connection_timeout(timeout_s);
    client.set_read_timeout(timeout_s);
    auto answer
      = client.Post("/orchestrate", "{\"job_id\":" + std::to_string(id) + "}",
                    "application/json");
    if (!answer || answer->status >= 300)
      std::fprintf(stderr, "notify_failed job=%ld status=%d\n",
                   static_cast<long>(id), answer ? answer->status : 0);
    lock.lock();
  }
}

} // namespace dubber
