#pragma once

#include "engines/child_process.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dubber {

/// Long-lived apertium pipelines: at most `limit` a mode, started when first
/// needed, each used by one request at a time. A pipeline that dies or does
/// not answer in time is killed and replaced once within the same call.
class pipe_pool {
public:
  explicit pipe_pool(unsigned limit) : limit_(limit) {
    // nop
  }

  /// Nothing when no pipeline answered in time.
  std::optional<std::string> translate(const std::string& mode,
                                       const std::string& text);

  /// The process groups of the idle pipelines.
  std::vector<pid_t> idle_pids();

private:
  using pipe_ptr = std::unique_ptr<child_process>;

  struct mode_pipes {
    std::vector<pipe_ptr> idle;
    unsigned used = 0;
  };

  std::optional<std::string> ask(child_process& pipe, const std::string& text);

  unsigned limit_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, mode_pipes> modes_;
};

} // namespace dubber
