#pragma once

#include "clients/store_calls.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace dubber {

/// Waits for a call's answer, the clock's deadline (`timeout`, with the words
/// of `late`) or its cancel (`cancelled`).
/// @param start Begins the call: (deadline, callback) to its handle.
template <class T, class Start>
result<T> wait_for(const Start& start, const task_clock& clock,
                   const char* late) {
  constexpr ms slice{50}; // how late a cancel is noticed at most
  struct answer {
    std::mutex mutex;
    std::condition_variable there;
    std::optional<result<T>> value;
  };
  auto state = std::make_shared<answer>();
  auto handle = start(clock.left(), [state](result<T> outcome) {
    std::lock_guard lock{state->mutex};
    state->value = std::move(outcome);
    state->there.notify_one();
  });
  std::unique_lock lock{state->mutex};
  while (!state->value) {
    if (*clock.cancelled)
      return fault{fault_code::cancelled, "cancelled", 0, {}};
    if (std::chrono::steady_clock::now() >= clock.deadline)
      return fault{fault_code::timeout, late, 0, {}};
    state->there.wait_for(lock, std::min(slice, clock.left()));
  }
  return std::move(*state->value);
}

} // namespace dubber
