#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace dubber {

/// The base URLs of one service, by index. A call goes to the one with the
/// fewest calls open; after a failure a URL is left out for a while, doubling
/// up to a minute, as long as there is another one. Then one call at a time
/// goes there, of work that has not failed before, until one succeeds.
///
///   healthy --a call failed--> left out --its time has passed--> healthy again
///      ^                          ^  |     (the next failure lasts longer)
///      |                          |  |
///      +------- a call succeeded -+--+
class endpoints {
public:
  /// @param count Of URLs; a service without any (media, store) counts as one.
  explicit endpoints(std::size_t count = 1);

  /// A call leaves. @param retry It failed before.
  /// @returns The index of the URL it goes to.
  std::size_t granted(time_point now, bool retry = false);

  /// A call ended. @returns Whether the failure says something about the
  /// service: no other URL could have taken the call.
  bool ended(std::size_t index, bool blamed, time_point now);

  /// A call ended without saying anything.
  void released(std::size_t index);

  /// The URLs that are there from now on. Calls open to others are forgotten.
  void resize(std::size_t count);

  struct one {
    std::size_t open = 0;    ///< calls
    int failed_in_a_row = 0; ///< the newest calls
    time_point out_until;    ///< in the past: it is used
  };
  const std::vector<one>& all() const {
    return all_;
  }

private:
  std::vector<one> all_;
  std::size_t turn_ = 0; ///< among equals
};

} // namespace dubber
