#pragma once

#include <sys/resource.h>

namespace dubber::bench {

/// CPU of this process so far, all its threads, microseconds.
inline double cpu_us() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(use.ru_utime) + us(use.ru_stime);
}

} // namespace dubber::bench
