#include "clients/s3/s3_store.hpp"

#include "clients/digest.hpp"
#include "clients/pool_task.hpp"

#include <algorithm>
#include <fstream>
#include <thread>
#include <utility>

namespace dubber {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view artifacts = "artifacts/";
constexpr std::uint64_t most_parts = 10'000; ///< S3's own limit
constexpr std::size_t hash_length = 64;

/// As the local store's: what a URL's path cannot carry safely.
std::optional<fault> unusable(const std::string& key) {
  auto wrong = key.empty() || key.size() > 1'024 || key.front() == '/'
               || key.find('\0') != std::string::npos;
  for (auto& part : fs::path{key})
    wrong |= part == ".." || part == ".";
  if (!wrong)
    return std::nullopt;
  return fault{fault_code::refused, "store: unusable key '" + key + "'", 0, {}};
}

/// What is known of an object's content; empty: nothing.
std::string hash_of(const std::string& key, const s3_object& what) {
  if (what.sha256.size() == hash_length)
    return what.sha256;
  auto is_artifact = key.starts_with(artifacts)
                     && key.size() == artifacts.size() + hash_length;
  return is_artifact ? key.substr(artifacts.size()) : "";
}

/// What another try may change.
bool is_passing(const fault& why) {
  return why.code == fault_code::timeout
         || (why.code == fault_code::disk
             && (why.http_status == 0 || why.http_status >= 500
                 || why.http_status == 429));
}

result<std::uint64_t> size_of(const fs::path& file) {
  std::error_code ec;
  auto bytes = fs::file_size(file, ec);
  if (ec)
    return fault{fault_code::disk,
                 "cannot read " + file.string() + ": " + ec.message(),
                 0,
                 {}};
  return bytes;
}

fault unwritable(const fs::path& file) {
  return {fault_code::disk, "cannot write " + file.string(), 0, {}};
}

} // namespace

s3_store::s3_store(s3_client client, work_pool& pool, limits how)
  : client_(std::move(client)), pool_(pool), how_(how) {
  // nop
}

template <class T, class F>
result<T> s3_store::again(const task_clock& clock, const F& call) {
  auto pause = how_.pause;
  for (int attempt = 1;; ++attempt) {
    result<T> out = call();
    if (out || attempt >= how_.attempts || !is_passing(out.error()))
      return out;
    // In slices: a cancel or the deadline ends it.
    auto until = std::chrono::steady_clock::now() + pause;
    pause *= 2;
    while (std::chrono::steady_clock::now() < until) {
      if (*clock.cancelled
          || std::chrono::steady_clock::now() >= clock.deadline)
        return out;
      std::this_thread::sleep_for(std::min(ms{50}, how_.pause));
    }
  }
}

result<object_store::local_file> s3_store::fetch(const std::string& key,
                                                 const fs::path& into,
                                                 const task_clock& clock) {
  if (auto wrong = unusable(key))
    return *wrong;
  auto there
    = again<s3_object>(clock, [&] { return client_.head(key, clock); });
  if (!there)
    return there.error();
  if (!std::ofstream{into, std::ios::binary | std::ios::trunc})
    return unwritable(into);
  for (std::uint64_t at = 0; at < there->bytes; at += how_.part_bytes) {
    auto last = std::min(at + how_.part_bytes, there->bytes) - 1;
    auto part = again<done>(clock, [&] {
      return client_.get(key, there->etag, at, last, into, clock);
    });
    if (!part)
      return part.error();
  }
  // Of an artifact whoever asks for it checks the content.
  if (!there->sha256.empty() && !key.starts_with(artifacts)) {
    auto hash = sha256_file(into);
    if (!hash)
      return hash.error();
    if (*hash != there->sha256)
      return fault{fault_code::disk,
                   "the object '" + key + "' did not come as it was stored",
                   0,
                   {}};
  }
  return local_file{into, true};
}

result<done> s3_store::put_in_parts(
  const std::string& key, const std::string& sha256, std::uint64_t bytes,
  const task_clock& clock,
  const std::function<result<std::string>(const s3_upload&, int, std::uint64_t,
                                          std::uint64_t)>& put_part) {
  auto id = again<std::string>(
    clock, [&] { return client_.begin_upload(key, sha256, clock); });
  if (!id)
    return id.error();
  s3_upload upload{key, *id, {}};
  auto part = std::max(how_.part_bytes, bytes / most_parts + 1);
  std::vector<std::string> etags;
  std::optional<fault> failed;
  for (std::uint64_t at = 0; at < bytes && !failed; at += part) {
    auto number = static_cast<int>(etags.size()) + 1;
    auto length = std::min(part, bytes - at);
    auto etag = again<std::string>(
      clock, [&] { return put_part(upload, number, at, length); });
    if (etag)
      etags.push_back(*etag);
    else
      failed = etag.error();
  }
  if (!failed)
    if (auto end = client_.end_upload(upload, etags, clock); !end)
      failed = end.error();
  if (!failed)
    return done{};
  // On time of its own: the task's may be over, or it may be cancelled.
  task_clock brief{ms{5'000}, std::make_shared<std::atomic<bool>>(false)};
  client_.abort_upload(upload, brief); // else it is swept one day
  return *failed;
}

result<artifact> s3_store::store(const fs::path& file, const std::string& key,
                                 const std::string& sha256,
                                 const task_clock& clock) {
  if (auto wrong = unusable(key))
    return *wrong;
  auto bytes = size_of(file);
  if (!bytes)
    return bytes.error();
  auto stored
    = *bytes <= how_.part_bytes
        ? again<done>(
          clock,
          [&] {
            return client_.put(key, {file, 0, *bytes, sha256}, clock);
          })
        : put_in_parts(key, sha256, *bytes, clock,
                       [&](const s3_upload& to, int number, std::uint64_t at,
                           std::uint64_t length) -> result<std::string> {
                         auto hash = sha256_range(file, at, length);
                         if (!hash)
                           return hash;
                         return client_.put_part(
                           to, number, {file, at, length, *hash}, clock);
                       });
  if (!stored)
    return stored.error();
  return artifact{key, sha256, *bytes};
}

result<artifact> s3_store::store_artifact(const fs::path& file,
                                          const task_clock& clock) {
  auto hash = sha256_file(file);
  if (!hash)
    return hash.error();
  auto key = std::string{artifacts} + *hash;
  auto there = client_.head(key, clock);
  auto bytes = size_of(file);
  // As good as new: it is not swept before somebody could name it.
  if (there && bytes && there->bytes == *bytes
      && there->bytes <= how_.longest_copy
      && client_.copy(key, key, *hash, clock))
    return artifact{key, *hash, *bytes};
  return store(file, key, *hash, clock);
}

result<artifact> s3_store::duplicate(const std::string& from,
                                     const std::string& to,
                                     const task_clock& clock) {
  for (auto& key : {from, to})
    if (auto wrong = unusable(key))
      return *wrong;
  auto there
    = again<s3_object>(clock, [&] { return client_.head(from, clock); });
  if (!there)
    return there.error();
  auto hash = hash_of(from, *there);
  if (hash.empty())
    return fault{fault_code::refused,
                 "store: '" + from + "' is none of our own objects",
                 0,
                 {}};
  auto copied
    = there->bytes <= how_.longest_copy
        ? again<done>(clock,
                      [&] { return client_.copy(from, to, hash, clock); })
        : put_in_parts(to, hash, there->bytes, clock,
                       [&](const s3_upload& into, int number, std::uint64_t at,
                           std::uint64_t length) {
                         return client_.copy_part(into, number, from, at,
                                                  at + length - 1, clock);
                       });
  if (!copied)
    return copied.error();
  return artifact{to, hash, there->bytes};
}

call_handle s3_store::get(const std::string& key, const fs::path& scratch,
                          ms deadline, callback<local_file> on_end) {
  return run_on<local_file>(pool_, deadline, std::move(on_end),
                            [this, key, scratch](const task_clock& clock) {
                              return fetch(key, scratch, clock);
                            });
}

call_handle s3_store::put(const fs::path& file, const std::string& key,
                          ms deadline, callback<artifact> on_end) {
  return run_on<artifact>(
    pool_, deadline, std::move(on_end),
    [this, file, key](const task_clock& clock) -> result<artifact> {
      auto hash = sha256_file(file);
      return hash ? store(file, key, *hash, clock)
                  : result<artifact>{hash.error()};
    });
}

call_handle s3_store::put_artifact(const fs::path& file, ms deadline,
                                   callback<artifact> on_end) {
  return run_on<artifact>(pool_, deadline, std::move(on_end),
                          [this, file](const task_clock& clock) {
                            return store_artifact(file, clock);
                          });
}

call_handle s3_store::copy(const std::string& from, const std::string& to,
                           ms deadline, callback<artifact> on_end) {
  return run_on<artifact>(pool_, deadline, std::move(on_end),
                          [this, from, to](const task_clock& clock) {
                            return duplicate(from, to, clock);
                          });
}

call_handle s3_store::remove(const std::string& key, ms deadline,
                             callback<done> on_end) {
  return run_on<done>(pool_, deadline, std::move(on_end),
                      [this, key](const task_clock& clock) -> result<done> {
                        if (auto wrong = unusable(key))
                          return *wrong;
                        return client_.remove(key, clock);
                      });
}

} // namespace dubber
