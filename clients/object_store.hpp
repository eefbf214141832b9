#pragma once

#include "clients/call_handle.hpp"
#include "core/result.hpp"
#include "core/work.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace dubber {

struct sweep_result {
  std::size_t removed = 0;
  std::uint64_t bytes = 0;
};

/// Files by key: sources, artifacts, results. `file:DIR` now, S3 later; one
/// contract suite for both. Calls return at once; callbacks come exactly once,
/// later, from any thread, unless the handle was cancelled before.
class object_store {
public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  virtual ~object_store() = default;

  /// Makes the object readable as a local file. The store may hand out its own
  /// file (`own` is false: do not change or delete it) or write a copy to the
  /// path `scratch`.
  struct local_file {
    std::filesystem::path path;
    bool own = false;
  };
  virtual call_handle get(const std::string& key,
                          const std::filesystem::path& scratch, ms deadline,
                          callback<local_file> on_end)
    = 0;

  /// Stores the file under `key`: complete and durable when the callback says
  /// so, invisible before. The file may be moved away.
  virtual call_handle put(const std::filesystem::path& file,
                          const std::string& key, ms deadline,
                          callback<artifact> on_end)
    = 0;

  /// Stores the file under the hash of its content: `artifacts/<sha256>`. The
  /// file may be moved away.
  virtual call_handle put_artifact(const std::filesystem::path& file,
                                   ms deadline, callback<artifact> on_end)
    = 0;

  /// Stores what `from` holds under `to` as well, as `put` does.
  virtual call_handle copy(const std::string& from, const std::string& to,
                           ms deadline, callback<artifact> on_end)
    = 0;

  /// What the object's content is called: equal names, equal content.
  virtual call_handle identify(const std::string& key, ms deadline,
                               callback<std::string> on_end)
    = 0;

  /// Removes the objects whose key begins with `prefix`, that were stored (or
  /// found there by `put_artifact`) before `before`, and that `unwanted` names;
  /// it is asked from a thread of the store and may block.
  virtual call_handle sweep(const std::string& prefix, time_point before,
                            std::function<bool(const std::string&)> unwanted,
                            ms deadline, callback<sweep_result> on_end)
    = 0;

  /// Removes the object; success when it was not there.
  virtual call_handle remove(const std::string& key, ms deadline,
                             callback<done> on_end)
    = 0;
};

} // namespace dubber
