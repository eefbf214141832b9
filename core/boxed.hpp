#pragma once

#include <memory>
#include <utility>

namespace dubber {

/// As `std::optional`, but takes its room only when something is in it: for
/// what most of very many do not have. A copy is deep.
template <class T>
class boxed {
public:
  boxed() = default;
  boxed(T what) : what_(std::make_unique<T>(std::move(what))) {
    // nop
  }
  boxed(const boxed& other)
    : what_(other ? std::make_unique<T>(*other) : nullptr) {
    // nop
  }
  boxed(boxed&&) noexcept = default;
  boxed& operator=(boxed other) noexcept {
    what_ = std::move(other.what_);
    return *this;
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

  T& operator*() noexcept {
    return *what_;
  }
  const T& operator*() const noexcept {
    return *what_;
  }
  T* operator->() noexcept {
    return what_.get();
  }
  const T* operator->() const noexcept {
    return what_.get();
  }

  /// What is in it; made if there is nothing.
  T& make() {
    if (!what_)
      what_ = std::make_unique<T>();
    return *what_;
  }

  bool operator==(const boxed& other) const {
    return what_ && other.what_ ? *what_ == *other.what_ : what_ == other.what_;
  }

private:
  std::unique_ptr<T> what_;
};

} // namespace dubber
