#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace dubber {

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view data);

/// Of a file, read in pieces. Fault `disk`.
result<std::string> sha256_file(const std::filesystem::path& path);

/// Of `length` bytes of it from `offset` on; fault `disk`, also when it is
/// shorter.
result<std::string> sha256_range(const std::filesystem::path& path,
                                 std::uint64_t offset, std::uint64_t length);

/// HMAC (RFC 2104) with SHA-256: 32 bytes, not hex.
std::string hmac_sha256(std::string_view key, std::string_view data);

/// Two lower-case digits a byte.
std::string hex(std::string_view bytes);

} // namespace dubber
