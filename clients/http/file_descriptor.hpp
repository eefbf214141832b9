#pragma once

#include <unistd.h>

#include <utility>

namespace dubber::wire {

/// Closes a file when it goes out of scope.
class file_descriptor {
public:
  explicit file_descriptor(int fd = -1) : fd_(fd) {
    // nop
  }

  file_descriptor(file_descriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {
    // nop
  }

  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~file_descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const {
    return fd_;
  }

  bool open() const {
    return fd_ >= 0;
  }

private:
  int fd_;
};

} // namespace dubber::wire
