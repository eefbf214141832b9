#pragma once

#include "clients/call_handle.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dubber {

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// A file sent as the whole body, streamed, with its length announced.
struct file_body {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  /// Bytes to send from `offset`; 0 means up to the end.
  std::uint64_t length = 0;
};

/// A file sent as the only part of a multipart/form-data body (RFC 7578).
struct multipart_body {
  std::filesystem::path path;
  std::string field = "file";
  /// Name announced to the server; quoted and escaped by the client.
  std::string filename;
  std::string content_type = "application/octet-stream";
};

using http_body = std::variant<std::string, file_body, multipart_body>;

/// One call. Only http and https; redirects are never followed; proxies of the
/// environment are ignored.
struct http_request {
  std::string method = "GET";
  /// Absolute, already percent-encoded.
  std::string url;
  http_headers headers;
  http_body body;
  /// From the start (queueing for a connection included) to the last byte.
  ms deadline{30'000};
  /// A longer answer ends the call with `limit_exceeded`.
  std::uint64_t max_answer_bytes = 1 << 20;
  /// When set, the body of a 2xx answer is streamed into this file (created or
  /// truncated; fdatasync is the caller's business); other answers stay in
  /// memory.
  std::filesystem::path sink;
};

struct http_response {
  int status = 0;
  http_headers headers;
  /// Empty when the answer went to the sink.
  std::string body;
  std::uint64_t body_bytes = 0;

  /// First value of a header, name compared without case; empty when absent.
  std::string_view header(std::string_view name) const;
};

/// What the client counts; called on the client's thread.
struct http_client_observer {
  virtual ~http_client_observer() = default;
  virtual void call_ended(std::string_view host, int status, ms took) = 0;
  virtual void connections(std::string_view host, int open, int idle) = 0;
};

struct http_client_limits {
  /// Kept-alive and busy connections for one scheme, host and port.
  int connections_per_host = 256;
  /// Calls waiting for a connection, all hosts; one more fails as `busy`.
  int max_queued = 100'000;
  ms connect_timeout{5'000};
  ms idle_timeout{30'000};
  std::uint64_t max_header_bytes = 64 * 1024;
};

struct http_client_tls {
  /// Extra trusted CA in PEM; empty: only the system's.
  std::filesystem::path ca_file;
  bool verify_peer = true;
};

/// One event loop on one thread; thousands of calls in flight. Any HTTP status
/// is a response; a fault (`unreachable`, `timeout`, `bad_answer`,
/// `limit_exceeded`, `disk`, `cancelled` at shutdown) means there was none.
/// A kept-alive connection that turns out to be dead before the first byte of
/// an answer is not an attempt: the call is repeated once on a fresh one, where
/// the method is idempotent or an Idempotency-Key is sent or nothing was sent.
class http_client {
public:
  using callback = std::function<void(result<http_response>)>;

  explicit http_client(http_client_limits limits = {}, http_client_tls tls = {},
                       http_client_observer* observer = nullptr);
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  /// Aborts what is open (`cancelled`) and joins the thread.
  ~http_client();

  /// Starts a call from any thread. `on_end` is called exactly once, on the
  /// client's thread, unless the handle was cancelled before. It must not
  /// block.
  call_handle send(http_request request, callback on_end);

  // The loop serves others that live as long as the client at most.

  /// Has it called on the client's thread, soon, in order; from any thread. It
  /// must not block.
  void post(std::function<void()> what);

  /// The same, at that time.
  void post_at(std::chrono::steady_clock::time_point when,
               std::function<void()> what);

  bool is_own_thread() const;

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace dubber
