#include "journal/sqlite/owner_lock.hpp"

#include "journal/sqlite/database.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dubber::sqlite {

owner_lock::owner_lock(const std::string& journal_path) {
  auto path = journal_path + ".lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    throw failure{{fault_code::disk,
                   "journal " + journal_path + ": cannot open " + path + " ("
                     + std::strerror(errno)
                     + "); check the folder and its permissions",
                   0,
                   {}}};
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    auto n = ::pread(fd_, holder, sizeof holder - 1, 0);
    ::close(fd_);
    throw failure{{fault_code::disk,
                   "journal " + journal_path
                     + ": another process owns it (process "
                     + (n > 0 ? std::string(holder) : std::string("unknown"))
                     + "); stop that one or set another JOURNAL_URL",
                   0,
                   {}}};
  }
  auto pid = std::to_string(::getpid());
  // Only for the message above: the lock itself is the kernel's.
  if (::ftruncate(fd_, 0) != 0
      || ::pwrite(fd_, pid.data(), pid.size(), 0) < 0) {
    auto why = std::string{std::strerror(errno)};
    ::close(fd_);
    throw failure{
      {fault_code::disk,
       "journal " + journal_path + ": cannot write " + path + " (" + why + ")",
       0,
       {}}};
  }
}

owner_lock::~owner_lock() {
  ::close(fd_);
}

} // namespace dubber::sqlite
