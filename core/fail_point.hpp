#pragma once

/// Places where a test build can be killed in mid-step, as by a power cut, or
/// meets a bug:
///
///   DUBBER_FAIL_AT=name     dies (SIGKILL) when it passes the point `name`
///   DUBBER_FAIL_AT=name:3   when it passes there for the third time
///   DUBBER_THROW_AT=name    throws there each time; name:3: the third time
///   only
///
/// The crash test finds all names in the sources and demands that each was hit.
/// Without DUBBER_FAIL_POINTS (release) nothing of this is compiled. It stands
/// in core because all folders may include core; core itself has no such point.
#ifdef DUBBER_FAIL_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dubber {

class fail_points {
public:
  static void pass(std::string_view name) {
    static fail_points deadly{"DUBBER_FAIL_AT"};
    static fail_points faulty{"DUBBER_THROW_AT"};
    if (deadly.is_hit(name))
      std::raise(SIGKILL);
    if (faulty.is_hit(name))
      throw std::runtime_error("a planted bug at " + std::string{name});
  }

private:
  explicit fail_points(const char* variable) {
    auto wish = std::getenv(variable);
    name_ = wish ? wish : "";
    auto colon = name_.find(':');
    always_ = colon == std::string::npos;
    if (always_)
      return;
    left_ = std::atoi(name_.c_str() + colon + 1);
    name_.resize(colon);
  }

  /// @returns Whether it is the one, or (without a number) any of them.
  bool is_hit(std::string_view name) {
    if (name_ != name)
      return false;
    return always_ || --left_ == 0;
  }

  std::string name_;
  bool always_ = false;
  std::atomic<int> left_ = 0;
};

} // namespace dubber

#define DUBBER_FAIL_POINT(name) ::dubber::fail_points::pass(name)

#else

#define DUBBER_FAIL_POINT(name) static_cast<void>(0)

#endif
