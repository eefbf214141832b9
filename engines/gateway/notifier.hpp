#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace dubber {

/// Tells an orchestrator of new jobs in the background, once each: a failure
/// is only logged, as the platform's gateway does with its publish.
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

  std::string url_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int64_t> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace dubber
