#pragma once

#include "clients/http/body_source.hpp"
#include "clients/http/url.hpp"
#include "clients/http_client.hpp"

#include <atomic>
#include <chrono>
#include <map>

namespace dubber {

class connection;
struct http_call;

/// Calls by deadline: one timer serves them all.
using deadline_map = std::multimap<std::chrono::steady_clock::time_point,
                                   std::shared_ptr<http_call>>;

/// One call on its way; touched by the client's thread only, but for the flag.
struct http_call {
  http_request request;
  http_url url;
  http_client::callback on_end;
  std::chrono::steady_clock::time_point begun;
  deadline_map::iterator deadline;
  std::shared_ptr<connection> where; ///< while it has one
  bool repeated = false;             ///< after a stale connection
  bool over = false;
  std::atomic<bool> cancelled = false;
};

/// How an exchange on a connection ended.
struct exchange_end {
  result<http_response> outcome;
  bool reusable = false;
  /// Not a byte of an answer came.
  bool unanswered = false;
};

/// A connection to one host; plain or TLS.
class connection : public std::enable_shared_from_this<connection> {
public:
  virtual ~connection() = default;
  virtual void connect(const http_url& url,
                       std::function<void(std::optional<fault>)> on_end)
    = 0;
  virtual void run(std::shared_ptr<http_call> call,
                   std::function<void(exchange_end)> on_end)
    = 0;
  /// Ends what is under way; its callbacks come with errors.
  virtual void close() = 0;

  std::chrono::steady_clock::time_point idle_since;
};

} // namespace dubber
