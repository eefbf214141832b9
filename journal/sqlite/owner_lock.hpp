#pragma once

#include <string>

namespace dubber::sqlite {

/// Keeps a second process away from a journal: flock(2) on `<path>.lock`, which
/// the kernel gives up with the process.
class owner_lock {
public:
  /// Throws `failure` that names the holder's process.
  explicit owner_lock(const std::string& journal_path);
  owner_lock(const owner_lock&) = delete;
  owner_lock& operator=(const owner_lock&) = delete;
  ~owner_lock();

private:
  int fd_ = -1;
};

} // namespace dubber::sqlite
