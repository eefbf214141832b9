#include "core/kept_result.hpp"

#include <algorithm>
#include <charconv>

namespace dubber {

std::uint64_t key_number(const std::string& key) {
  constexpr std::size_t digits = 16;
  std::uint64_t out = 0;
  std::from_chars(key.data(), key.data() + std::min(key.size(), digits), out,
                  16);
  return out;
}

} // namespace dubber
