#pragma once

#include "core/time.hpp"

#include <chrono>

namespace dubber {

/// What the clock on the wall shows: for what people read and what outlives the
/// process. Decisions get their time as a parameter.
inline time_point wall_now() {
  return std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
}

} // namespace dubber
