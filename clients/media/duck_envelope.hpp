#pragma once

#include "core/merge_plan.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace dubber {

inline constexpr int envelope_rate = 1'000; ///< values a second

/// Level of the original at `seconds`, relative to full: 0 to 1. Between its
/// two gains it moves evenly in amplitude, over `ramp_seconds` before and after
/// each duck.
double bed_level(const original_bed& bed, double seconds);

/// Writes the level over [0, seconds] to `file`: raw 16 bit values, mono,
/// `envelope_rate`, 32767 for the louder of the bed's gains. What the original
/// is multiplied with. Fault `disk`.
result<done> write_duck_envelope(const original_bed& bed, double seconds,
                                 const std::filesystem::path& file);

} // namespace dubber
