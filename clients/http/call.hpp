#pragma once

#include "clients/http/deadlines.hpp"
#include "clients/http/url.hpp"
#include "clients/http_client.hpp"

#include <atomic>
#include <list>
#include <memory>

namespace dubber::wire {

class connection;
class pool;
class client_loop;
struct call;

using call_ptr = std::shared_ptr<call>;
using call_queue = std::list<call_ptr>;

/// A file for the answer's body, and where in it that begins.
struct answer_sink {
  std::filesystem::path path;
  std::uint64_t offset = 0;
};

/// One call from `send` to its end. Made on any thread, afterwards touched
/// only by the loop's, except for `over`. Thousands may wait in line: it has
/// what is sent, and not also what that was made of.
struct call : deadlines::item {
  std::string message;             ///< all of it, or but for `body`
  std::unique_ptr<http_body> body; ///< that is read as it is sent
  std::unique_ptr<answer_sink> sink;
  http_client::callback on_end;
  std::unique_ptr<url> where; ///< until its pool is found
  /// Found wrong before it came to the loop.
  std::unique_ptr<fault> unusable;
  steady_time started;
  ms deadline{0};
  std::uint64_t max_answer_bytes = 0;
  bool is_head = false;      ///< its answer has no body
  bool wants_length = false; ///< of the body, even if there is none
  bool may_repeat = false;   ///< twice does no more than once

  /// Who sets it first (the end or the owner's cancel) decides whether
  /// `on_end` is called.
  std::atomic<bool> over{false};

  client_loop* loop = nullptr;
  pool* origin = nullptr;
  connection* on = nullptr;
  bool queued = false;
  bool ended = false;
  call_queue::iterator place;
  /// Sent anew after a stale connection: needs a fresh one, and only once.
  bool repeated = false;

  /// The host, as the observer is told it; empty where the URL is none.
  std::string_view authority() const;

  void on_deadline() override;
};

} // namespace dubber::wire
