#pragma once

#include "core/work.hpp"

#include <array>
#include <cstddef>

namespace dubber {

/// How many kinds of work there are whose times are learned, and the place of
/// each in an array. Not `http`: its calls are as different as their services.
inline constexpr std::size_t work_kinds = 8;

constexpr std::size_t index_of(work_kind kind) {
  return static_cast<std::size_t>(kind);
}

template <class T>
using by_kind = std::array<T, work_kinds>;

} // namespace dubber
