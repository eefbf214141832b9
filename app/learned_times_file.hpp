#pragma once

#include "actors/forecasts.hpp"

#include <filesystem>

namespace dubber {

/// What was learned of the time that jobs take, kept in DATA_DIR: for times
/// left, and for the weights of progress. A file that is missing or damaged is
/// begun anew (and logged).
learned_times load_times(const std::filesystem::path& file);

/// False (and logged) when it cannot be written.
bool save_times(const std::filesystem::path& file, const learned_times& times);

} // namespace dubber
