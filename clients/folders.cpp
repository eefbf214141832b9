#include "clients/folders.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <vector>

namespace dubber {

namespace fs = std::filesystem;

namespace {

fault failed(const std::string& doing, const fs::path& folder,
             const std::string& why) {
  return {fault_code::disk,
          "cannot " + doing + " the folder " + folder.string() + ": " + why,
          0,
          {}};
}

} // namespace

std::optional<fault> sync_folder(const fs::path& folder) {
  auto fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return failed("open", folder, std::strerror(errno));
  auto why = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (why != 0)
    return failed("sync", folder, std::strerror(why));
  return std::nullopt;
}

std::optional<fault> create_folders(const fs::path& folder) {
  // Who finds a folder that another thread has just made goes on only when it
  // is safe as well.
  static std::mutex one_at_a_time;
  std::lock_guard lock{one_at_a_time};
  std::error_code ec;
  std::vector<fs::path> missing;
  auto at = fs::absolute(folder, ec);
  for (; !at.empty() && !fs::exists(at, ec) && at != at.parent_path();
       at = at.parent_path())
    if (at.has_filename()) // "a/" is "a"
      missing.push_back(at);
  for (auto i = missing.rbegin(); i != missing.rend(); ++i) {
    fs::create_directory(*i, ec);
    if (ec)
      return failed("create", *i, ec.message());
    if (auto why = sync_folder(i->parent_path()))
      return why;
  }
  if (!fs::is_directory(folder, ec))
    return failed("create", folder, "a file of that name is in the way");
  return std::nullopt;
}

} // namespace dubber
