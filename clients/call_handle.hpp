#pragma once

#include <functional>
#include <utility>

namespace dubber {

/// Ties something that runs in the background to its owner: destroying or
/// cancelling the handle aborts it (sockets closed, children ended), and its
/// callback is then not called any more. Cancelling from the callback itself
/// or after the end does nothing. Moves only.
class call_handle {
public:
  call_handle() = default;

  /// @param cancel Aborts the call; callable from any thread, at any time,
  /// once.
  explicit call_handle(std::function<void()> cancel)
    : cancel_(std::move(cancel)) {
    // nop
  }

  call_handle(call_handle&& other) noexcept
    : cancel_(std::exchange(other.cancel_, nullptr)) {
    // nop
  }

  call_handle& operator=(call_handle&& other) noexcept {
    if (this != &other) {
      cancel();
      cancel_ = std::exchange(other.cancel_, nullptr);
    }
    return *this;
  }

  ~call_handle() {
    cancel();
  }

  void cancel() {
    if (auto f = std::exchange(cancel_, nullptr))
      f();
  }

  /// Lets the call run on without an owner.
  void release() {
    cancel_ = nullptr;
  }

private:
  std::function<void()> cancel_;
};

} // namespace dubber
