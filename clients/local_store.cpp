#include "clients/local_store.hpp"

#include "clients/digest.hpp"
#include "clients/folders.hpp"
#include "core/fail_point.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace dubber {

namespace fs = std::filesystem;

namespace {

constexpr const char* artifacts_folder = "artifacts";

constexpr const char* temporary_prefix = ".dubber-tmp-";

fault disk(const std::string& doing, const fs::path& path) {
  return {fault_code::disk,
          "store: cannot " + doing + " " + path.string() + ": "
            + std::strerror(errno),
          0,
          {}};
}

struct descriptor {
  int fd;
  ~descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
};

std::optional<fault> copy_bytes(const fs::path& from, const fs::path& to,
                                const cancel_flag& cancelled) {
  descriptor in{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0)
    return disk("read", from);
  descriptor out{
    ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (out.fd < 0)
    return disk("create", to);
  std::array<char, 256 * 1024> buffer;
  for (;;) {
    auto n = ::read(in.fd, buffer.data(), buffer.size());
    if (n < 0)
      return disk("read", from);
    if (n == 0)
      break;
    if (cancelled && *cancelled)
      return fault{fault_code::cancelled, "cancelled", 0, {}};
    for (ssize_t done = 0; done < n;) {
      auto w = ::write(out.fd, buffer.data() + done,
                       static_cast<std::size_t>(n - done));
      if (w < 0 && errno == EINTR)
        continue;
      if (w < 0)
        return disk("write", to);
      done += w;
    }
  }
  DUBBER_FAIL_POINT("store.before_sync");
  if (::fdatasync(out.fd) != 0)
    return disk("sync", to);
  return std::nullopt;
}

/// As `copy_bytes`, without copying where both lie on one file system.
std::optional<fault> move_bytes(const fs::path& from, const fs::path& to,
                                const cancel_flag& cancelled) {
  descriptor d{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (d.fd < 0)
    return disk("read", from);
  if (::fdatasync(d.fd) != 0)
    return disk("sync", from);
  if (::rename(from.c_str(), to.c_str()) == 0)
    return std::nullopt;
  return errno == EXDEV ? copy_bytes(from, to, cancelled)
                        : disk("rename to", to);
}

std::string temporary_name() {
  static std::atomic<unsigned> counter = 0;
  return temporary_prefix + std::to_string(::getpid()) + "-"
         + std::to_string(++counter);
}

} // namespace

local_store::local_store(fs::path root, work_pool& pool)
  : root_(std::move(root)), pool_(pool),
    was_whole_(fs::is_directory(root_ / artifacts_folder)) {
  // nop
}

std::optional<fault> local_store::away() const {
  std::error_code ec;
  if (!was_whole_ || fs::is_directory(root_ / artifacts_folder, ec))
    return std::nullopt;
  return fault{fault_code::disk,
               "the store is away: its folder " + root_.string()
                 + " has no 'artifacts' any more",
               0,
               {}};
}

result<fs::path> local_store::path_of(const std::string& key) const {
  fault wrong{fault_code::refused, "store: unusable key '" + key + "'", 0, {}};
  if (key.empty() || key.size() > 1024 || key.front() == '/'
      || key.find('\0') != std::string::npos)
    return wrong;
  for (auto& part : fs::path{key})
    if (part == ".." || part == "."
        || part.string().starts_with(temporary_prefix)
        || part.string().size() > 255)
      return wrong;
  return root_ / key;
}

result<fs::path> local_store::locate(const std::string& key) const {
  auto path = path_of(key);
  if (!path)
    return path.error();
  // A link could lead out of the folder.
  struct stat info {};
  if (::lstat(path->c_str(), &info) != 0) {
    auto missing = errno == ENOENT || errno == ENOTDIR;
    if (auto why = missing ? away() : std::nullopt)
      return *why;
    if (missing)
      return fault{fault_code::not_found,
                   "the store has no object '" + key + "'",
                   0,
                   {},
                   key};
    return disk("look at", *path);
  }
  if (!S_ISREG(info.st_mode))
    return fault{fault_code::not_found,
                 "the store's object '" + key + "' is not a file",
                 0,
                 {}};
  return *path;
}

result<artifact> local_store::store(const fs::path& file,
                                    const std::string& key) const {
  return write(file, key, copy_bytes, nullptr);
}

result<artifact> local_store::write(const fs::path& file,
                                    const std::string& key, bring_bytes bring,
                                    const cancel_flag& cancelled) const {
  auto path = path_of(key);
  if (!path)
    return path.error();
  if (auto why = away())
    return *why;
  auto hash = sha256_file(file);
  if (!hash)
    return hash.error();
  std::error_code ec;
  auto folder = path->parent_path();
  if (auto why = create_folders(folder))
    return *why;
  auto temporary = folder / temporary_name();
  auto failed = bring(file, temporary, cancelled);
  DUBBER_FAIL_POINT("store.before_rename");
  if (!failed && ::rename(temporary.c_str(), path->c_str()) != 0)
    failed = disk("rename to", *path);
  DUBBER_FAIL_POINT("store.after_rename");
  if (!failed)
    failed = sync_folder(folder);
  DUBBER_FAIL_POINT("store.after_folder_sync");
  if (failed) {
    fs::remove(temporary, ec); // the fault that counts is the first one
    return *failed;
  }
  auto bytes = fs::file_size(*path, ec);
  return artifact{key, *hash, ec ? 0 : bytes};
}

result<artifact> local_store::store_artifact(const fs::path& file) const {
  return write_artifact(file, copy_bytes, nullptr);
}

result<artifact>
local_store::write_artifact(const fs::path& file, bring_bytes bring,
                            const cancel_flag& cancelled) const {
  auto hash = sha256_file(file);
  if (!hash)
    return hash.error();
  auto key = std::string{artifacts_folder} + "/" + *hash;
  // Content-addressed and renamed into place: what is there is complete.
  // (Whoever renamed it may have been killed before its name was on disk.)
  if (auto there = locate(key)) {
    if (auto failed = sync_folder(there->parent_path()))
      return *failed;
    std::error_code ec;
    auto bytes = fs::file_size(*there, ec);
    // As good as new: it is not swept before somebody could name it.
    if (!ec && ::utimensat(AT_FDCWD, there->c_str(), nullptr, 0) == 0)
      return artifact{key, *hash, bytes};
  }
  return write(file, key, bring, cancelled);
}

void local_store::sweep() const {
  std::error_code ec;
  for (auto i = fs::recursive_directory_iterator{root_, ec};
       !ec && i != fs::recursive_directory_iterator{}; i.increment(ec))
    if (i->path().filename().string().starts_with(temporary_prefix)) {
      std::error_code gone;
      fs::remove(i->path(), gone);
    }
}

call_handle local_store::get(const std::string& key, const fs::path&, ms,
                             callback<local_file> on_end) {
  return pool_.post([this, key, on_end](const cancel_flag& cancelled) {
    auto path = locate(key);
    if (*cancelled)
      return;
    if (path)
      on_end(local_file{*path, false});
    else
      on_end(path.error());
  });
}

call_handle local_store::put(const fs::path& file, const std::string& key, ms,
                             callback<artifact> on_end) {
  return pool_.post([this, file, key, on_end](const cancel_flag& cancelled) {
    auto stored = write(file, key, move_bytes, cancelled);
    if (!*cancelled)
      on_end(std::move(stored));
  });
}

call_handle local_store::put_artifact(const fs::path& file, ms,
                                      callback<artifact> on_end) {
  return pool_.post([this, file, on_end](const cancel_flag& cancelled) {
    auto stored = write_artifact(file, move_bytes, cancelled);
    if (!*cancelled)
      on_end(std::move(stored));
  });
}

call_handle local_store::copy(const std::string& from, const std::string& to,
                              ms, callback<artifact> on_end) {
  return pool_.post([this, from, to, on_end](const cancel_flag& cancelled) {
    auto path = locate(from);
    auto stored = path ? write(*path, to, copy_bytes, cancelled)
                       : result<artifact>{path.error()};
    if (!*cancelled)
      on_end(std::move(stored));
  });
}

call_handle local_store::remove(const std::string& key, ms,
                                callback<done> on_end) {
  return pool_.post([this, key, on_end](const cancel_flag& cancelled) {
    auto path = path_of(key);
    std::error_code ec;
    if (path)
      fs::remove(*path, ec);
    if (*cancelled)
      return;
    if (!path)
      on_end(path.error());
    else if (ec)
      on_end(fault{fault_code::disk,
                   "store: cannot remove " + key + ": " + ec.message(),
                   0,
                   {}});
    else
      on_end(done{});
  });
}

} // namespace dubber
