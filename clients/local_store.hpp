#pragma once

#include "clients/object_store.hpp"
#include "clients/work_pool.hpp"

#include <map>
#include <mutex>

namespace dubber {

/// `STORE_URL=file:DIR`: an object is a file below the folder. Written as a
/// temporary file in the same folder, synced, renamed, folder synced: complete
/// or not there.
class local_store : public object_store {
public:
  /// @param pool Outlives the store. Where `root` has a folder `artifacts` at
  /// this moment, a store without it is away (an unmounted disk, say): a fault
  /// of the disk, and not the loss of all that was in it.
  local_store(std::filesystem::path root, work_pool& pool);

  call_handle get(const std::string& key, const std::filesystem::path& scratch,
                  ms deadline, callback<local_file> on_end) override;
  call_handle put(const std::filesystem::path& file, const std::string& key,
                  ms deadline, callback<artifact> on_end) override;
  call_handle put_artifact(const std::filesystem::path& file, ms deadline,
                           callback<artifact> on_end) override;
  call_handle copy(const std::string& from, const std::string& to, ms deadline,
                   callback<artifact> on_end) override;
  call_handle identify(const std::string& key, ms deadline,
                       callback<std::string> on_end) override;
  call_handle sweep(const std::string& prefix, time_point before,
                    std::function<bool(const std::string&)> unwanted,
                    ms deadline, callback<sweep_result> on_end) override;
  call_handle remove(const std::string& key, ms deadline,
                     callback<done> on_end) override;

  // The same, blocking; `file` stays where it is.
  result<std::filesystem::path> locate(const std::string& key) const;
  result<artifact> store(const std::filesystem::path& file,
                         const std::string& key) const;
  result<artifact> store_artifact(const std::filesystem::path& file) const;

  /// Removes temporary files of a process that was killed.
  void sweep() const;

private:
  /// Brings a file's content to a new file, safely on the disk; may leave off
  /// when cancelled.
  using bring_bytes
    = std::optional<fault> (*)(const std::filesystem::path& from,
                               const std::filesystem::path& to,
                               const cancel_flag& cancelled);

  /// @param cancelled May be null.
  result<artifact> write(const std::filesystem::path& file,
                         const std::string& key, bring_bytes bring,
                         const cancel_flag& cancelled) const;
  result<artifact> write_artifact(const std::filesystem::path& file,
                                  bring_bytes bring,
                                  const cancel_flag& cancelled) const;

  /// Where the object lies; a fault for a key that would leave the folder.
  result<std::filesystem::path> path_of(const std::string& key) const;

  result<std::string> content_name(const std::string& key) const;
  std::optional<fault> away() const;

  std::filesystem::path root_;
  work_pool& pool_;
  bool was_whole_;
  /// Of the newest files that were read for it.
  struct known_content {
    std::string mark; ///< changes with the file
    std::string name;
  };
  mutable std::mutex contents_mutex_;
  mutable std::map<std::string, known_content> contents_;
};

} // namespace dubber
