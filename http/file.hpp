#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace dubber {

/// A part of an open file, to be sent as a body. Copies share the descriptor,
/// which is closed with the last of them: removing or replacing the file does
/// not disturb an answer.
struct http_file {
  std::shared_ptr<const int> descriptor;
  std::uint64_t size = 0;   ///< of the whole file, bytes
  std::uint64_t offset = 0; ///< where the part begins
  std::uint64_t length = 0; ///< of the part, bytes
  /// Changes when the file's content does; a quoted ETag.
  std::string tag;

  /// All of a regular file. Faults `not_found` and `disk`.
  static result<http_file> open(const std::filesystem::path& path);
};

} // namespace dubber
