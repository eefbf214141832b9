#pragma once

/// Places where a test build can be killed in mid-step, as by a power cut:
///
///   DUBBER_FAIL_AT=name     dies (SIGKILL) when it passes the point `name`
///   DUBBER_FAIL_AT=name:3   when it passes there for the third time
///
/// The crash test finds all names in the sources and demands that each was hit.
/// Without DUBBER_FAIL_POINTS (release) nothing of this is compiled. It stands
/// in core because all folders may include core; core itself has no such point.
#ifdef DUBBER_FAIL_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace dubber {

class fail_points {
public:
  static void pass(std::string_view name) {
    static fail_points chosen;
    if (chosen.name_ == name && --chosen.left_ == 0)
      std::raise(SIGKILL);
  }

private:
  fail_points() {
    auto wish = std::getenv("DUBBER_FAIL_AT");
    name_ = wish ? wish : "";
    auto colon = name_.find(':');
    if (colon == std::string::npos)
      return;
    left_ = std::atoi(name_.c_str() + colon + 1);
    name_.resize(colon);
  }

  std::string name_;
  std::atomic<int> left_ = 1;
};

} // namespace dubber

#define DUBBER_FAIL_POINT(name) ::dubber::fail_points::pass(name)

#else

#define DUBBER_FAIL_POINT(name) static_cast<void>(0)

#endif
