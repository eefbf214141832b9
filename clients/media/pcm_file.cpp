#include "clients/media/pcm_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace dubber {

static_assert(std::endian::native == std::endian::little,
              "the samples are written as they lie in memory");

pcm_file::~pcm_file() {
  if (fd_ >= 0)
    ::close(fd_);
}

fault pcm_file::failed(const char* doing) const {
  return {fault_code::disk,
          std::string{"cannot "} + doing + " " + path_.filename().string()
            + " in the scratch folder: " + std::strerror(errno),
          0,
          {}};
}

result<done> pcm_file::create(const std::filesystem::path& path,
                              std::uint64_t samples) {
  path_ = path;
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd_ < 0)
    return failed("create");
  if (::ftruncate(fd_, static_cast<off_t>(samples * 2)) != 0)
    return failed("size");
  return done{};
}

result<done> pcm_file::write(std::uint64_t at,
                             std::span<const std::int16_t> samples) {
  auto bytes = std::as_bytes(samples);
  auto offset = static_cast<off_t>(at * 2);
  while (!bytes.empty()) {
    auto n = ::pwrite(fd_, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return failed("write");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
  return done{};
}

result<done> pcm_file::close() {
  if (::close(std::exchange(fd_, -1)) != 0)
    return failed("close");
  return done{};
}

} // namespace dubber
