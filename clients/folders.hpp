#pragma once

#include "core/fault.hpp"

#include <filesystem>
#include <optional>

namespace dubber {

/// What was entered in the folder or renamed there is there after a power
/// failure. The fault is `disk`.
std::optional<fault> sync_folder(const std::filesystem::path& folder);

/// Creates a folder and those above it, each safely entered in the one above.
/// What is there already is left alone. The fault is `disk`.
std::optional<fault> create_folders(const std::filesystem::path& folder);

} // namespace dubber
