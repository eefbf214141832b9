#pragma once

#include <cstdint>

namespace dubber {

/// What a child process may use. 0: no limit of ours.
struct child_limits {
  std::uint64_t memory_bytes = 0; ///< of address space
  std::uint64_t file_bytes = 0;   ///< of one file it writes
  std::uint64_t open_files = 0;
  int niceness = 0;    ///< gives way to us by so much
  bool network = true; ///< false: it gets no socket of any kind
};

/// Takes what is given away; for the child, between fork and exec: only
/// async-signal-safe calls. What the system refuses stays as it is: limits
/// are a second line behind the whitelists.
void apply_limits(const child_limits& limits);

} // namespace dubber
