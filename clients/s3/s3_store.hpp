#pragma once

#include "clients/object_store.hpp"
#include "clients/s3/s3_client.hpp"
#include "clients/work_pool.hpp"

namespace dubber {

/// `STORE_URL=s3`: objects in a bucket of a store with the S3 API. Files are
/// sent and read in parts, each tried again by itself; an object is there
/// whole or not at all. With each the SHA-256 of its content is noted.
class s3_store : public object_store {
public:
  struct limits {
    std::uint64_t part_bytes = 64ULL << 20;     ///< S3 wants 5 MiB at least
    std::uint64_t longest_copy = 5'000'000'000; ///< in one call
    int attempts = 3;                           ///< at a part
    ms pause{500}; ///< before the next one, and twice that before the third
    /// Leftovers of uploads by killed processes are removed when so old.
    ms upload_age{24LL * 3'600'000};
  };

  /// @param pool Has a thread for each call that is open; outlives the store.
  s3_store(s3_client client, work_pool& pool, limits how);

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
  call_handle missing(std::vector<std::string> keys, ms deadline,
                      callback<std::vector<std::string>> on_end) override;
  /// Also aborts uploads below the prefix that are older than `upload_age`.
  call_handle sweep(const std::string& prefix, time_point before,
                    std::function<bool(const std::string&)> unwanted,
                    ms deadline, callback<sweep_result> on_end) override;
  call_handle remove(const std::string& key, ms deadline,
                     callback<done> on_end) override;

  /// A URL with which anybody can read the object for so long.
  std::string presigned(const std::string& key, time_point now, ms good_for,
                        sigv4::fields answer) const {
    return client_.presigned(key, now, good_for, std::move(answer));
  }

private:
  result<local_file> fetch(const std::string& key,
                           const std::filesystem::path& into,
                           const task_clock& clock);
  result<artifact> store(const std::filesystem::path& file,
                         const std::string& key, const std::string& sha256,
                         const task_clock& clock);
  result<artifact> store_artifact(const std::filesystem::path& file,
                                  const task_clock& clock);
  result<artifact> duplicate(const std::string& from, const std::string& to,
                             const task_clock& clock);
  result<done> put_in_parts(
    const std::string& key, const std::string& sha256, std::uint64_t bytes,
    const task_clock& clock,
    const std::function<result<std::string>(
      const s3_upload&, int, std::uint64_t, std::uint64_t)>& put_part);
  result<sweep_result>
  sweep_objects(const std::string& prefix, time_point before,
                const std::function<bool(const std::string&)>& unwanted,
                const task_clock& clock);
  void sweep_uploads(const std::string& prefix, const task_clock& clock);
  template <class T, class F>
  result<T> again(const task_clock& clock, const F& call);

  s3_client client_;
  work_pool& pool_;
  limits how_;
};

} // namespace dubber
