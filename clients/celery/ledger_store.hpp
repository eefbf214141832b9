#pragma once

#include "clients/store_calls.hpp"
#include "core/remote_task.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace dubber {

/// A small text as an object of the store. Blocks. @param scratch For a file.
result<done> keep_text(object_store& store,
                       const std::filesystem::path& scratch,
                       const std::string& key, const std::string& text,
                       const task_clock& clock);

/// What `keep_text` has kept; nothing when there is no such object.
result<std::optional<std::string>>
kept_text(object_store& store, const std::filesystem::path& scratch,
          const std::string& key, const task_clock& clock);

/// The dispatches of a piece of work, by its name (`work_key`). What cannot be
/// read counts as none.
result<std::vector<dispatch>> load_ledger(object_store& store,
                                          const std::filesystem::path& scratch,
                                          const std::string& work,
                                          const task_clock& clock);

result<done> save_ledger(object_store& store,
                         const std::filesystem::path& scratch,
                         const std::string& work,
                         const std::vector<dispatch>& out,
                         const task_clock& clock);

} // namespace dubber
