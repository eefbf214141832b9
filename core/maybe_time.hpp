#pragma once

#include "core/time.hpp"

#include <optional>

namespace dubber {

/// As `std::optional<time_point>`, in half the room.
class maybe_time {
public:
  maybe_time() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as optional's
  maybe_time(time_point at) : at_(at) {
    // nop
  }
  // NOLINTNEXTLINE(google-explicit-constructor): as above
  maybe_time(std::optional<time_point> at) : at_(at.value_or(none)) {
    // nop
  }

  explicit operator bool() const {
    return at_ != none;
  }
  const time_point& operator*() const {
    return at_;
  }
  // NOLINTNEXTLINE(google-explicit-constructor): it is one
  operator std::optional<time_point>() const {
    return at_ == none ? std::nullopt : std::optional{at_};
  }
  void reset() {
    at_ = none;
  }

  bool operator==(const maybe_time&) const = default;

private:
  static constexpr time_point none = time_point::min();
  time_point at_ = none;
};

} // namespace dubber
