#pragma once

#include "core/boxed.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dubber {

/// A row of flags, as `std::vector<bool>`; up to 32 of them take no room
/// besides this.
class flag_row {
public:
  std::size_t size() const noexcept {
    return size_;
  }
  bool empty() const noexcept {
    return size_ == 0;
  }

  bool operator[](std::size_t i) const {
    auto word = i < width ? first_ : (*more_)[i / width - 1];
    return (word >> i % width & 1) != 0;
  }

  void set(std::size_t i, bool to) {
    auto& word = i < width ? first_ : (*more_)[i / width - 1];
    auto bit = std::uint32_t{1} << i % width;
    word = to ? word | bit : word & ~bit;
  }

  /// `size` flags that are not set.
  void assign(std::size_t size) {
    *this = {};
    resize(size);
  }

  /// Makes it longer, by flags that are not set.
  void resize(std::size_t size) {
    if (size > width)
      more_.make().resize((size - 1) / width);
    size_ = static_cast<std::uint32_t>(size);
  }

  bool operator==(const flag_row&) const = default;

private:
  static constexpr std::size_t width = 32;

  std::uint32_t size_ = 0;
  std::uint32_t first_ = 0;
  boxed<std::vector<std::uint32_t>> more_;
};

} // namespace dubber
