#pragma once

#include "core/time.hpp"

#include <string>

namespace dubber {

/// A small fact that is in no job's history and outlives the process: of those
/// with one area and name the newest is kept.
struct note {
  std::string area; ///< whose it is: `request`, `order`
  std::string name;
  std::string value; ///< JSON; empty: what was kept is forgotten
  time_point at;

  bool operator==(const note&) const = default;
};

} // namespace dubber
