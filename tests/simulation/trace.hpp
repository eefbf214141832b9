#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace dubber::sim {

/// What happened, in order, as one number: equal traces mean equal runs, bit
/// for bit.
class trace {
public:
  void note(std::string_view line) {
    for (auto c : line)
      mix(static_cast<unsigned char>(c));
    mix('\n');
    if (echo)
      echo(line);
  }

  /// A step that is too frequent for a line of text.
  void note(std::uint64_t kind, std::uint64_t what) {
    for (auto n : {kind, what})
      for (auto i = 0; i < 8; ++i)
        mix(static_cast<unsigned char>(n >> (8 * i)));
  }

  std::uint64_t hash() const {
    return hash_;
  }

  /// Gets each line, for people who look into one seed.
  std::function<void(std::string_view)> echo;

private:
  // FNV-1a.
  void mix(unsigned char byte) {
    hash_ = (hash_ ^ byte) * 0x100000001b3ULL;
  }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

} // namespace dubber::sim
