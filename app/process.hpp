#pragma once

#include "core/time.hpp"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

/// What the program wants of the process it runs in.
namespace dubber {

/// SIGTERM, SIGINT and SIGHUP are waited for, here and (blocked) in all threads
/// to come.
sigset_t take_signals();

/// Blocks until one of them comes; returns its number.
int wait_for_signal(const sigset_t& signals);

/// As many open files as the system lets us have: connections are files too.
void raise_file_limit();

/// Ends the process when the orderly stop takes too long, whatever hangs (a
/// disk, say). Nothing is lost by that: the journal expects it at any moment.
class stop_limit {
public:
  stop_limit() = default;
  stop_limit(const stop_limit&) = delete;
  stop_limit& operator=(const stop_limit&) = delete;
  ~stop_limit();

  /// From now on there is this much time until the destructor.
  void begin(ms limit);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace dubber
