#include "clients/store_calls.hpp"

#include "clients/digest.hpp"
#include "clients/wait_for.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr const char* no_answer = "the object store did not answer in time";

} // namespace

ms task_clock::left() const {
  return std::max(ms{1}, std::chrono::duration_cast<ms>(
                           deadline - std::chrono::steady_clock::now()));
}

result<object_store::local_file>
fetch_file(object_store& store, const std::string& key,
           const std::filesystem::path& scratch, const task_clock& clock) {
  return wait_for<object_store::local_file>(
    [&](ms deadline, auto on_end) {
      return store.get(key, scratch, deadline, std::move(on_end));
    },
    clock, no_answer);
}

result<artifact> put_file(object_store& store,
                          const std::filesystem::path& file,
                          const std::string& key, const task_clock& clock) {
  return wait_for<artifact>(
    [&](ms deadline, auto on_end) {
      return store.put(file, key, deadline, std::move(on_end));
    },
    clock, no_answer);
}

result<artifact> put_artifact_file(object_store& store,
                                   const std::filesystem::path& file,
                                   const task_clock& clock) {
  return wait_for<artifact>(
    [&](ms deadline, auto on_end) {
      return store.put_artifact(file, deadline, std::move(on_end));
    },
    clock, no_answer);
}

result<artifact> copy_file(object_store& store, const std::string& from,
                           const std::string& to, const task_clock& clock) {
  return wait_for<artifact>(
    [&](ms deadline, auto on_end) {
      return store.copy(from, to, deadline, std::move(on_end));
    },
    clock, no_answer);
}

result<object_store::local_file>
fetch_artifact(object_store& store, const artifact& what,
               const std::filesystem::path& scratch, const task_clock& clock) {
  auto file = fetch_file(store, what.key, scratch, clock);
  if (!file)
    return file;
  auto hash = sha256_file(file->path);
  if (!hash)
    return hash.error();
  if (*hash != what.sha256)
    return fault{fault_code::not_found,
                 "the stored object '" + what.key
                   + "' is damaged: its content is not what was stored",
                 0,
                 {}};
  return file;
}

} // namespace dubber
