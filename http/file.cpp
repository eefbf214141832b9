#include "http/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dubber {

result<http_file> http_file::open(const std::filesystem::path& path) {
  // Without O_NONBLOCK a named pipe would block the front end.
  auto fd
    = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    auto why = errno;
    auto gone = why == ENOENT || why == ENOTDIR;
    return fault{gone ? fault_code::not_found : fault_code::disk,
                 "cannot open " + path.filename().string() + ": "
                   + std::strerror(why),
                 0,
                 {}};
  }
  http_file out;
  out.descriptor = std::shared_ptr<const int>(new int{fd}, [](const int* p) {
    ::close(*p);
    delete p;
  });
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
    return fault{fault_code::not_found,
                 path.filename().string() + " is not a file",
                 0,
                 {}};
  out.size = static_cast<std::uint64_t>(info.st_size);
  out.length = out.size;
  out.tag = "\"" + std::to_string(info.st_ino) + "-"
            + std::to_string(info.st_size) + "-"
            + std::to_string(info.st_mtim.tv_sec) + "."
            + std::to_string(info.st_mtim.tv_nsec) + "\"";
  return out;
}

} // namespace dubber
