#pragma once

#include "core/fault.hpp"

#include <utility>
#include <variant>

namespace dubber {

/// A value or the fault that kept it from being (C++20 has no `expected`).
template <class T>
class result {
public:
  result(T value) : data_(std::in_place_index<0>, std::move(value)) {
    // nop
  }

  result(fault why) : data_(std::in_place_index<1>, std::move(why)) {
    // nop
  }

  explicit operator bool() const noexcept {
    return data_.index() == 0;
  }

  T& operator*() {
    return std::get<0>(data_);
  }

  const T& operator*() const {
    return std::get<0>(data_);
  }

  T* operator->() {
    return &std::get<0>(data_);
  }

  const T* operator->() const {
    return &std::get<0>(data_);
  }

  fault& error() {
    return std::get<1>(data_);
  }

  const fault& error() const {
    return std::get<1>(data_);
  }

private:
  std::variant<T, fault> data_;
};

/// The result of what yields nothing but success.
struct done {
  bool operator==(const done&) const = default;
};

} // namespace dubber
