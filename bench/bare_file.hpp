#pragma once

#include "bench/http_stub.hpp"

#include <fcntl.h>

#include <filesystem>
#include <string>

namespace dubber::bench {

/// Appends so many bytes a step and calls fdatasync once for all steps: what a
/// disk does at best.
class bare_file {
public:
  bare_file(const std::filesystem::path& path, std::size_t bytes)
    : fd_(
      ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)),
      bytes_(bytes) {
    if (fd_ < 0)
      give_up("cannot open a file");
  }
  bare_file(const bare_file&) = delete;
  bare_file& operator=(const bare_file&) = delete;
  ~bare_file() {
    ::close(fd_);
  }

  void operator()(int steps) const {
    std::string text(bytes_ * static_cast<std::size_t>(steps), 'x');
    if (::write(fd_, text.data(), text.size())
          != static_cast<ssize_t>(text.size())
        || ::fdatasync(fd_) != 0)
      give_up("cannot write");
  }

private:
  int fd_;
  std::size_t bytes_;
};

} // namespace dubber::bench
