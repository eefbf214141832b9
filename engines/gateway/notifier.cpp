#include "engines/gateway/notifier.hpp"

#include "engines/httplib.hpp"

#include <algorithm>
#include <cstdio>

namespace dubber {

namespace {

using namespace std::chrono_literals;

constexpr size_t most_waiting = 1000;
constexpr time_t connect_timeout_s = 2;
constexpr time_t answer_timeout_s = 10;
constexpr int most_attempts = 11;
constexpr auto first_pause = 250ms;
constexpr std::chrono::milliseconds longest_pause = 20s;

} // namespace

notice notice_of(int status) {
  if (status >= 200 && status < 300)
    return notice::told;
  bool later = status == 0 || status == 408 || status == 425 || status == 429
               || status >= 500;
  return later ? notice::again : notice::refused;
}

std::chrono::milliseconds notice_pause(int attempt) {
  auto doublings = std::clamp(attempt - 1, 0, 10);
  return std::min(first_pause * (1 << doublings), longest_pause);
}

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
    if (calling_ != nullptr)
      calling_->stop();
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
    std::fprintf(stderr, "notify_dropped job=%lld waiting=%zu\n",
                 static_cast<long long>(id), waiting_.size());
    return;
  }
  waiting_.push_back(id);
  changed_.notify_all();
}

void notifier::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_)
      return;
    auto id = waiting_.front();
    waiting_.pop_front();
    tell(id, lock);
  }
}

void notifier::tell(int64_t id, std::unique_lock<std::mutex>& lock) {
  auto job = static_cast<long long>(id);
  for (int attempt = 1; !stopping_; ++attempt) {
    httplib::Client client{url_};
    client.set_connection_timeout(connect_timeout_s);
    client.set_read_timeout(answer_timeout_s);
    calling_ = &client;
    lock.unlock();
    auto answer
      = client.Post("/orchestrate", "{\"job_id\":" + std::to_string(id) + "}",
                    "application/json");
    lock.lock();
    calling_ = nullptr;
    auto status = answer ? answer->status : 0;
    auto why = answer ? "status " + std::to_string(status)
                      : httplib::to_string(answer.error());
    auto verdict = notice_of(status);
    if (verdict == notice::told)
      return;
    if (verdict == notice::refused || attempt == most_attempts) {
      std::fprintf(stderr, "notify_failed job=%lld attempts=%d reason=\"%s\"\n",
                   job, attempt, why.c_str());
      return;
    }
    auto pause = notice_pause(attempt);
    std::fprintf(
      stderr, "notify_retry job=%lld attempt=%d reason=\"%s\" in_ms=%lld\n",
      job, attempt, why.c_str(), static_cast<long long>(pause.count()));
    changed_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

} // namespace dubber
