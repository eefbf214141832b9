#pragma once

#include "core/time.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>

namespace dubber {

/// A result that other work may use, found by what determines it.
struct kept_result {
  std::string key; ///< hex; equal keys, equal results (clients/call_key.hpp)
  work_result result;
  time_point used; ///< last, or when it was made

  bool operator==(const kept_result&) const = default;
};

/// That a kept result was used.
struct result_use {
  std::string key;
  time_point at;
};

/// How much of kept results stays: bytes of their artifacts and records.
struct result_limits {
  std::uint64_t max_bytes = 0;
  time_point used_before; ///< older ones go
};

/// What is kept after a trim, and what went.
struct result_stock {
  std::uint64_t results = 0;
  std::uint64_t bytes = 0;
  std::uint64_t removed = 0;
  bool more = false; ///< to remove: the trim has its limit, too

  bool operator==(const result_stock&) const = default;
};

/// The number of a key in small indexes: its first 8 bytes.
std::uint64_t key_number(const std::string& key);

} // namespace dubber
