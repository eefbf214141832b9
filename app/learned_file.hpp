#pragma once

#include "actors/boards.hpp"

#include <filesystem>

namespace dubber {

/// What was learned of the services' speed, kept in DATA_DIR. It only shortens
/// deadlines and times left: a file that is missing or damaged is begun anew
/// (and logged).
speed_board::all load_speeds(const std::filesystem::path& file);

void save_speeds(const std::filesystem::path& file,
                 const speed_board::all& speeds);

} // namespace dubber
