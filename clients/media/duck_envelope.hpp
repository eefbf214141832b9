#pragma once

#include "core/merge_plan.hpp"
#include "core/result.hpp"

#include <filesystem>

/// How loud the original is under a dub, from moment to moment.
namespace dubber {

inline constexpr int envelope_rate = 1'000; ///< values a second

/// Whether anything of the original is heard.
bool original_sounds(const merge_plan& plan);

/// Its level where it is loudest, dB relative to `loudness_lkfs`.
double original_top_db(const merge_plan& plan);

/// Its level at `seconds`, relative to that: 0 to 1. Under the bed's gains,
/// with its ramps around each duck; full in `kept`, none in `muted`, with an
/// edge around each. Between two levels it moves evenly in amplitude.
double original_level(const merge_plan& plan, double seconds);

/// Writes the level over the plan's time to `file`: raw 16 bit values, mono,
/// `envelope_rate`, 32767 for the loudest. What the original is multiplied
/// with. Fault `disk`.
result<done> write_duck_envelope(const merge_plan& plan,
                                 const std::filesystem::path& file);

} // namespace dubber
