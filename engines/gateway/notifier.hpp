#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace httplib {
class Client;
}

namespace dubber {

/// What an answer to POST /orchestrate means.
enum class notice { told, again, refused };

/// 2xx: told · no answer (0), 408, 425, 429 and 5xx: again · the rest: refused.
notice notice_of(int status);

/// The pause before attempt `attempt` + 1 (attempts count from 1).
std::chrono::milliseconds notice_pause(int attempt);

/// Tells an orchestrator of new jobs in the background, in their order. While
/// it cannot be reached a job is tried again, with growing pauses, for about
/// two minutes; then it is given up, which is logged.
class notifier {
public:
  /// An empty URL: nobody is told.
  explicit notifier(std::string url);
  ~notifier();
  notifier(const notifier&) = delete;
  notifier& operator=(const notifier&) = delete;

  void job_saved(int64_t id);

private:
  void work();
  void tell(int64_t id, std::unique_lock<std::mutex>& lock);

  std::string url_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int64_t> waiting_;
  httplib::Client* calling_ = nullptr;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace dubber
