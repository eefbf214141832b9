#pragma once

#include <cstdint>
#include <string>

/// What stages pass on to each other: files of the store, and places in the
/// source's time.
namespace dubber {

/// A stored file. `key` is its name in the object store.
struct artifact {
  std::string key;
  std::string sha256; ///< hex, lower case
  std::uint64_t bytes = 0;

  bool operator==(const artifact&) const = default;
};

/// A stretch of the source.
struct media_span {
  double start = 0;
  double end = 0;

  double length() const {
    return end - start;
  }

  bool operator==(const media_span&) const = default;
};

} // namespace dubber
