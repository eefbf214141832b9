#include "clients/s3/s3_client.hpp"

#include "clients/digest.hpp"
#include "clients/http/url.hpp"
#include "clients/s3/answers.hpp"
#include "clients/wait_for.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dubber {

namespace {

constexpr const char* hash_header = "x-amz-meta-sha256";
constexpr std::uint64_t longest_answer = 16 << 20; ///< a list has 1,000 keys
// A store that does not answer is away, however long its caller would wait.
constexpr ms longest_question{10'000};
constexpr ms longest_part{120'000};     ///< 64 MiB at 0.5 MB/s
constexpr ms longest_assembly{600'000}; ///< copies, and the end of an upload

time_point wall_clock_now() {
  return std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
}

/// Whatever keeps us from the store is nobody's attempt, but a lack of time.
fault as_store_fault(fault why, const task_clock& clock) {
  auto away = why.code == fault_code::unreachable
              || why.code == fault_code::bad_answer
              || (why.code == fault_code::timeout && clock.left() > ms{1});
  if (away)
    return {fault_code::disk, "the object store: " + why.message, 0, {}};
  return why;
}

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return "bytes=" + std::to_string(first) + "-" + std::to_string(last);
}

result<done> succeeded(const result<http_response>& answer,
                       const std::string& key) {
  if (!answer)
    return answer.error();
  if (auto hidden = s3::hidden_fault(*answer, key))
    return *hidden;
  return done{};
}

} // namespace

/// One request before it is signed.
struct s3_client::call {
  std::string method;
  std::string key; ///< empty: the bucket itself
  sigv4::fields query = {};
  http_headers headers = {};
  http_body body = std::string{};
  std::string payload = {}; ///< SHA-256 of the body; empty: computed
  std::filesystem::path sink = {};
  std::uint64_t sink_offset = 0;
  ms longest = longest_question;
};

s3_client::s3_client(http_client& http, s3_settings settings)
  : http_(http), settings_(std::move(settings)) {
  if (auto url = wire::parse_url(settings_.endpoint))
    host_ = url->authority;
}

std::string s3_client::path_of(const std::string& key) const {
  auto out = "/" + percent_encode(settings_.bucket, false);
  return key.empty() ? out : out + "/" + percent_encode(key, true);
}

result<http_response> s3_client::send(call what, const task_clock& clock) {
  auto now = wall_clock_now();
  if (what.payload.empty())
    what.payload = sha256_hex(std::get<std::string>(what.body));
  what.headers.emplace_back("x-amz-content-sha256", what.payload);
  what.headers.emplace_back("x-amz-date", sigv4::date_text(now));
  sigv4::request to_sign{what.method, path_of(what.key), what.query,
                         what.headers, what.payload};
  to_sign.headers.emplace_back("host", host_);
  http_request out;
  out.method = what.method;
  auto query = sigv4::query_string(what.query);
  out.url
    = settings_.endpoint + to_sign.path + (query.empty() ? "" : "?" + query);
  out.headers = std::move(what.headers);
  out.headers.emplace_back("Authorization",
                           sigv4::authorization(to_sign, settings_.keys, now));
  out.body = std::move(what.body);
  out.max_answer_bytes = longest_answer;
  if (!what.sink.empty()) {
    out.sink = what.sink;
    out.sink_offset = what.sink_offset;
    out.max_answer_bytes = UINT64_MAX;
  }
  auto answer = wait_for<http_response>(
    [&](ms deadline, auto on_end) {
      out.deadline = std::min(deadline, what.longest);
      return http_.send(std::move(out), std::move(on_end));
    },
    clock, "the object store did not answer in time");
  if (!answer)
    return as_store_fault(answer.error(), clock);
  if (answer->status < 200 || answer->status >= 300)
    return s3::fault_of(*answer, what.key);
  return answer;
}

/// Nothing counts as lost while the bucket is.
result<done> s3_client::check_bucket(const task_clock& clock) {
  auto there = send({"HEAD", ""}, clock);
  if (there)
    return done{};
  if (there.error().code != fault_code::not_found)
    return there.error();
  return fault{fault_code::disk,
               "the object store has no bucket '" + settings_.bucket + "'",
               404,
               {}};
}

result<s3_object> s3_client::head(const std::string& key,
                                  const task_clock& clock) {
  auto answer = send({"HEAD", key}, clock);
  if (!answer) {
    if (answer.error().code == fault_code::not_found)
      if (auto bucket = check_bucket(clock); !bucket)
        return bucket.error();
    return answer.error();
  }
  s3_object out;
  auto length = answer->header("Content-Length");
  out.bytes = std::strtoull(std::string{length}.c_str(), nullptr, 10);
  out.etag = answer->header("ETag");
  out.sha256 = answer->header(hash_header);
  return out;
}

result<done> s3_client::get(const std::string& key, const std::string& etag,
                            std::uint64_t first, std::uint64_t last,
                            const std::filesystem::path& into,
                            const task_clock& clock) {
  call what{"GET", key};
  what.headers = {{"If-Match", etag}, {"Range", range_text(first, last)}};
  what.sink = into;
  what.sink_offset = first;
  what.longest = longest_part;
  auto answer = send(std::move(what), clock);
  if (!answer)
    return answer.error();
  if (answer->status != 206 || answer->body_bytes != last - first + 1)
    return fault{fault_code::disk,
                 "the object store sent another part of '" + key
                   + "' than was asked for",
                 answer->status,
                 {}};
  return done{};
}

result<done> s3_client::put(const std::string& key, const s3_piece& what,
                            const task_clock& clock) {
  call out{"PUT", key};
  out.headers
    = {{hash_header, what.sha256}, {"Content-Type", s3::content_type(key)}};
  out.body = file_body{what.file, what.offset, what.length};
  out.longest = longest_part;
  out.payload = what.sha256;
  return succeeded(send(std::move(out), clock), key);
}

result<done> s3_client::copy(const std::string& from, const std::string& to,
                             const std::string& sha256,
                             const task_clock& clock) {
  call out{"PUT", to};
  out.headers = {{"x-amz-copy-source", path_of(from)},
                 {"x-amz-metadata-directive", "REPLACE"},
                 {hash_header, sha256},
                 {"Content-Type", s3::content_type(to)}};
  out.longest = longest_assembly;
  return succeeded(send(std::move(out), clock), from);
}

result<done> s3_client::remove(const std::string& key,
                               const task_clock& clock) {
  auto answer = send({"DELETE", key}, clock);
  if (answer || answer.error().code == fault_code::not_found)
    return done{};
  return answer.error();
}

result<s3_page> s3_client::list(const std::string& prefix,
                                const std::string& token,
                                const task_clock& clock) {
  call out{"GET", ""};
  out.query
    = {{"encoding-type", "url"}, {"list-type", "2"}, {"prefix", prefix}};
  if (!token.empty())
    out.query.emplace_back("continuation-token", token);
  auto answer = send(std::move(out), clock);
  if (!answer)
    return answer.error();
  return s3::parse_page(answer->body);
}

result<std::string> s3_client::begin_upload(const std::string& key,
                                            const std::string& sha256,
                                            const task_clock& clock) {
  call out{"POST", key};
  out.query = {{"uploads", ""}};
  out.headers
    = {{hash_header, sha256}, {"Content-Type", s3::content_type(key)}};
  auto answer = send(std::move(out), clock);
  if (!answer)
    return answer.error();
  auto id = s3::element(answer->body, "UploadId");
  if (id.empty())
    return fault{
      fault_code::disk, "the object store began no upload", answer->status, {}};
  return id;
}

namespace {

sigv4::fields part_query(const s3_upload& of, int number) {
  return {{"partNumber", std::to_string(number)}, {"uploadId", of.id}};
}

} // namespace

result<std::string> s3_client::put_part(const s3_upload& to, int number,
                                        const s3_piece& what,
                                        const task_clock& clock) {
  call out{"PUT", to.key, part_query(to, number)};
  out.body = file_body{what.file, what.offset, what.length};
  out.longest = longest_part;
  out.payload = what.sha256;
  auto answer = send(std::move(out), clock);
  if (!answer)
    return answer.error();
  return std::string{answer->header("ETag")};
}

result<std::string> s3_client::copy_part(const s3_upload& to, int number,
                                         const std::string& from,
                                         std::uint64_t first,
                                         std::uint64_t last,
                                         const task_clock& clock) {
  call out{"PUT", to.key, part_query(to, number)};
  out.headers = {{"x-amz-copy-source", path_of(from)},
                 {"x-amz-copy-source-range", range_text(first, last)}};
  out.longest = longest_assembly;
  auto answer = send(std::move(out), clock);
  if (auto ok = succeeded(answer, from); !ok)
    return ok.error();
  return s3::element(answer->body, "ETag");
}

result<done> s3_client::end_upload(const s3_upload& what,
                                   const std::vector<std::string>& etags,
                                   const task_clock& clock) {
  call out{"POST", what.key, {{"uploadId", what.id}}};
  out.body = s3::parts_document(etags);
  out.longest = longest_assembly;
  return succeeded(send(std::move(out), clock), what.key);
}

result<done> s3_client::abort_upload(const s3_upload& what,
                                     const task_clock& clock) {
  auto answer = send({"DELETE", what.key, {{"uploadId", what.id}}}, clock);
  if (answer || answer.error().http_status == 404)
    return done{};
  return answer.error();
}

result<std::vector<s3_upload>> s3_client::uploads(const std::string& prefix,
                                                  const task_clock& clock) {
  auto answer = send({"GET", "", {{"uploads", ""}, {"prefix", prefix}}}, clock);
  if (!answer)
    return answer.error();
  return s3::parse_uploads(answer->body);
}

std::string s3_client::presigned(const std::string& key, time_point now,
                                 ms good_for, sigv4::fields answer) const {
  sigv4::request what{
    "GET", path_of(key), std::move(answer), {{"host", host_}}, {}};
  auto query = sigv4::presigned_query(what, settings_.keys, now, good_for);
  return settings_.endpoint + what.path + "?" + query;
}

} // namespace dubber
