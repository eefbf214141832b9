#pragma once

#include <chrono>

namespace dubber {

/// Lengths of time inside decisions: whole milliseconds.
using ms = std::chrono::milliseconds;

/// A point in time as it is journaled: UTC, milliseconds. Decisions get it as a
/// parameter and never read a clock.
using time_point = std::chrono::sys_time<ms>;

} // namespace dubber
