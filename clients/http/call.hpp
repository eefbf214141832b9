#pragma once

#include "clients/http/deadlines.hpp"
#include "clients/http/url.hpp"
#include "clients/http_client.hpp"

#include <atomic>
#include <list>

namespace dubber::wire {

class connection;
class pool;
class client_loop;
struct call;

using call_ptr = std::shared_ptr<call>;
using call_queue = std::list<call_ptr>;

/// One call from `send` to its end. Made on any thread, afterwards touched
/// only by the loop's, except for `over`.
struct call : deadlines::item {
  http_request request;
  url where;
  std::string head;
  http_client::callback on_end;
  /// Found wrong before it came to the loop.
  std::optional<fault> unusable;
  steady_time started;

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

  void on_deadline() override;
};

} // namespace dubber::wire
