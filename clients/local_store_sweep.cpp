#include "clients/local_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace dubber {

namespace fs = std::filesystem;

namespace {

time_point modified(const struct stat& info) {
  return time_point{
    ms{info.st_mtim.tv_sec * 1'000 + info.st_mtim.tv_nsec / 1'000'000}};
}

} // namespace

call_handle local_store::missing(std::vector<std::string> keys, ms,
                                 callback<std::vector<std::string>> on_end) {
  return pool_.post(
    [this, keys = std::move(keys), on_end](const cancel_flag& cancelled) {
      std::vector<std::string> out;
      for (auto& key : keys) {
        if (*cancelled)
          return;
        auto there = locate(key);
        if (there)
          continue;
        if (there.error().code != fault_code::not_found)
          return on_end(there.error());
        out.push_back(key);
      }
      on_end(std::move(out));
    });
}

call_handle local_store::sweep(const std::string& prefix, time_point before,
                               std::function<bool(const std::string&)> unwanted,
                               ms deadline, callback<sweep_result> on_end) {
  return pool_.post([=, this](const cancel_flag& cancelled) {
    auto end = std::chrono::steady_clock::now() + deadline;
    sweep_result out;
    std::error_code ec;
    auto slash = prefix.rfind('/');
    auto folder
      = root_ / (slash == std::string::npos ? "" : prefix.substr(0, slash));
    fs::directory_iterator i{folder, ec};
    // No folder yet: nothing was ever stored there.
    for (; !ec && i != fs::directory_iterator{}; i.increment(ec)) {
      if (*cancelled || std::chrono::steady_clock::now() > end)
        break; // the rest next time
      auto key = i->path().lexically_relative(root_).generic_string();
      struct stat info {};
      if (!key.starts_with(prefix) || ::lstat(i->path().c_str(), &info) != 0
          || !S_ISREG(info.st_mode) || modified(info) >= before
          || !unwanted(key))
        continue;
      if (::unlink(i->path().c_str()) != 0)
        continue; // tried again with the next sweep
      ++out.removed;
      out.bytes += static_cast<std::uint64_t>(info.st_size);
    }
    if (*cancelled)
      return;
    if (ec && ec != std::errc::no_such_file_or_directory)
      on_end(
        fault{fault_code::disk,
              "store: cannot read " + folder.string() + ": " + ec.message(),
              0,
              {}});
    else
      on_end(out);
  });
}

} // namespace dubber
