#pragma once

#include "clients/http_client.hpp"
#include "clients/s3/sigv4.hpp"
#include "clients/store_calls.hpp"

#include <map>
#include <string>
#include <vector>

namespace dubber {

struct s3_settings {
  std::string endpoint; ///< `http://minio:9000`, without a slash at the end
  std::string bucket;   ///< path style: `endpoint/bucket/key`
  sigv4::credentials keys;
};

/// What HEAD says of an object.
struct s3_object {
  std::uint64_t bytes = 0;
  std::string etag;   ///< with its quotes
  std::string sha256; ///< as `s3_client::put` noted it; empty: by another hand
};

struct s3_listed {
  std::string key;
  std::uint64_t bytes = 0;
  time_point modified;
};

struct s3_page {
  std::vector<s3_listed> items;
  std::string next; ///< token of the page after it; empty: none
};

struct s3_upload {
  std::string key;
  std::string id;
  time_point begun;
};

/// Where from and how much a file is sent.
struct s3_piece {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string sha256; ///< of these bytes: the store checks it
};

/// The calls of the S3 API that a store needs; each blocks until it is
/// answered, the clock's deadline or its cancel. Faults: `not_found` (with the
/// key as its subject), `timeout`, `cancelled`; `disk` for all that keeps the
/// store from being used (away, refuses the signature, no such bucket, out of
/// space).
class s3_client {
public:
  s3_client(http_client& http, s3_settings settings);

  result<s3_object> head(const std::string& key, const task_clock& clock);

  /// Writes bytes [first, last] of the object to the same place of `into`.
  /// @param etag When the object is another by now: `server_error`.
  result<done> get(const std::string& key, const std::string& etag,
                   std::uint64_t first, std::uint64_t last,
                   const std::filesystem::path& into, const task_clock& clock);

  /// @param sha256 Noted with the object.
  result<done> put(const std::string& key, const s3_piece& what,
                   const task_clock& clock);

  /// Copies within the store, at most 5 GB, and notes the hash. Onto itself:
  /// it counts as new.
  result<done> copy(const std::string& from, const std::string& to,
                    const std::string& sha256, const task_clock& clock);

  result<done> remove(const std::string& key, const task_clock& clock);

  result<s3_page> list(const std::string& prefix, const std::string& token,
                       const task_clock& clock);

  // An upload in parts.
  result<std::string> begin_upload(const std::string& key,
                                   const std::string& sha256,
                                   const task_clock& clock);
  /// @return the part's ETag.
  result<std::string> put_part(const s3_upload& to, int number,
                               const s3_piece& what, const task_clock& clock);
  /// @param source `bytes=first-last` of that object.
  result<std::string> copy_part(const s3_upload& to, int number,
                                const std::string& from, std::uint64_t first,
                                std::uint64_t last, const task_clock& clock);
  result<done> end_upload(const s3_upload& what,
                          const std::vector<std::string>& etags,
                          const task_clock& clock);
  result<done> abort_upload(const s3_upload& what, const task_clock& clock);
  /// Those that were begun and not ended; the first page of them.
  result<std::vector<s3_upload>> uploads(const std::string& prefix,
                                         const task_clock& clock);

  /// A URL with which anybody can read the object for so long.
  /// @param answer Headers of the answer, as S3's `response-…` parameters.
  std::string presigned(const std::string& key, time_point now, ms good_for,
                        sigv4::fields answer) const;

private:
  struct call;
  result<http_response> send(call what, const task_clock& clock);
  result<done> check_bucket(const task_clock& clock);
  std::string path_of(const std::string& key) const;

  http_client& http_;
  s3_settings settings_;
  std::string host_;
};

} // namespace dubber
