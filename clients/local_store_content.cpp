#include "clients/digest.hpp"
#include "clients/local_store.hpp"

#include <sys/stat.h>

/// What a file's content is called, without reading it twice.
namespace dubber {

namespace {

constexpr std::size_t most_contents = 10'000;

/// Changes when the file is written or replaced.
std::string mark_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0)
    return {};
  auto text = [](auto n) {
    return std::to_string(n) + " ";
  };
  return text(info.st_dev) + text(info.st_ino) + text(info.st_size)
         + text(info.st_mtim.tv_sec) + text(info.st_mtim.tv_nsec)
         + text(info.st_ctim.tv_sec) + text(info.st_ctim.tv_nsec);
}

} // namespace

result<std::string> local_store::content_name(const std::string& key) const {
  auto path = locate(key);
  if (!path)
    return path.error();
  auto mark = mark_of(*path);
  {
    std::lock_guard lock{contents_mutex_};
    if (auto i = contents_.find(key);
        i != contents_.end() && i->second.mark == mark)
      return i->second.name;
  }
  auto hash = sha256_file(*path);
  if (!hash)
    return hash.error();
  auto name = "sha256:" + *hash;
  std::lock_guard lock{contents_mutex_};
  if (contents_.size() >= most_contents)
    contents_.clear();
  // Written meanwhile: the hash may be of a mixture, and is not remembered.
  if (!mark.empty() && mark_of(*path) == mark)
    contents_[key] = {mark, name};
  return name;
}

call_handle local_store::identify(const std::string& key, ms,
                                  callback<std::string> on_end) {
  return pool_.post([this, key, on_end](const cancel_flag& cancelled) {
    auto name = content_name(key);
    if (!*cancelled)
      on_end(std::move(name));
  });
}

} // namespace dubber
