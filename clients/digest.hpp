#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace dubber {

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view data);

/// Of a file, read in pieces. Fault `disk`.
result<std::string> sha256_file(const std::filesystem::path& path);

} // namespace dubber
