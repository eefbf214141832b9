#pragma once

#include <memory>
#include <utility>

namespace dubber {

/// A value that does not change, and that many have: copies share it. It may be
/// none; then it reads as a `T{}` that takes no room.
template <class T>
class shared_value {
public:
  shared_value() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as optional's
  shared_value(T what) : what_(std::make_shared<const T>(std::move(what))) {
    // nop
  }

  bool has_value() const noexcept {
    return what_ != nullptr;
  }
  explicit operator bool() const noexcept {
    return has_value();
  }
  void reset() noexcept {
    what_.reset();
  }

  const T& operator*() const noexcept {
    return what_ ? *what_ : usual();
  }
  const T* operator->() const noexcept {
    return &**this;
  }

  /// A copy of its own, to be changed.
  T& edit() {
    auto own = std::make_shared<T>(**this);
    what_ = own;
    return *own;
  }

  /// None is as good as a `T{}`.
  bool operator==(const shared_value& other) const {
    return what_ == other.what_ || **this == *other;
  }

private:
  static const T& usual() {
    static const T out{};
    return out;
  }

  std::shared_ptr<const T> what_;
};

/// None, where it is as usual.
template <class T>
shared_value<T> unless_usual(T what) {
  return what == T{} ? shared_value<T>{} : shared_value<T>{std::move(what)};
}

} // namespace dubber
