#pragma once

#include <unistd.h>

#include <utility>

namespace dubber {

/// A descriptor that closes itself; -1 is none.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {
    // nop
  }
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {
    // nop
  }
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const {
    return fd_;
  }
  explicit operator bool() const {
    return fd_ >= 0;
  }
  void close() {
    descriptor gone{std::exchange(fd_, -1)};
  }

private:
  int fd_;
};

} // namespace dubber
