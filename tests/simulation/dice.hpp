#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <random>

namespace dubber::sim {

/// Chance from a seed: the same numbers on every machine.
class dice {
public:
  explicit dice(std::uint64_t seed) : random_(seed) {
    // nop
  }

  /// In [0, n).
  std::uint64_t below(std::uint64_t n) {
    return random_() % n;
  }

  /// In [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }

  ms between(ms low, ms high) {
    return low
           + ms{static_cast<ms::rep>(
             below(static_cast<std::uint64_t>((high - low).count()) + 1))};
  }

  /// True once in `n` throws on average.
  bool one_in(std::uint64_t n) {
    return below(n) == 0;
  }

  /// A seed for other dice.
  std::uint64_t fork() {
    return random_();
  }

private:
  std::mt19937_64 random_;
};

} // namespace dubber::sim
