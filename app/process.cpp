#include "app/process.hpp"

#include "metrics/log.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace dubber {

sigset_t take_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a file at its limit is a fault of the disk
  return signals;
}

int wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0)
    ;
  return signal;
}

void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65'536);
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0)
    log::write(log::level::warn, "start.file_limit",
               {{"reason", std::strerror(errno)}});
}

stop_limit::~stop_limit() {
  {
    std::lock_guard lock{mutex_};
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void stop_limit::begin(ms limit) {
  thread_ = std::thread{[this, limit] {
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, limit, [this] { return over_; }))
      return;
    log::write(log::level::error, "stop.overdue",
               {{"limit_ms", std::to_string(limit.count())}});
    std::_Exit(1);
  }};
}

} // namespace dubber
