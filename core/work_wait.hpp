#pragma once

#include <cstdint>
#include <string_view>

namespace dubber {

/// What a piece of work waits for, besides its call.
enum class work_wait : std::uint8_t {
  nothing,  ///< it is being called
  identity, ///< whether its result is there already; for people, nothing
  permit,   ///< its turn at the service's gate
  retry,    ///< the pause after a failed attempt
  disk,     ///< room on a disk, or the store
  result,   ///< that another job's call ends
};

constexpr std::string_view to_string(work_wait what) {
  switch (what) {
  case work_wait::permit:
    return "permit";
  case work_wait::retry:
    return "retry";
  case work_wait::disk:
    return "disk";
  case work_wait::result:
    return "result";
  default:
    return {};
  }
}

} // namespace dubber
