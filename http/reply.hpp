#pragma once

#include "http/call.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace dubber {

/// The way back to one request. Copies share it; the first answer counts, from
/// whatever thread. When the last copy goes and nobody answered, the request
/// still gets one: it was lost.
class reply {
public:
  using make_answer = std::function<http_answer()>;

  /// Where the one answer goes; may be called from any thread.
  using sink = std::function<void(make_answer)>;

  /// @param lost Makes the answer of a request that nobody answers; empty:
  /// the sink notices by itself.
  reply(sink give, make_answer lost);

  void operator()(http_answer answer) const;

  /// `make` runs on the front end's thread, so that the caller's does not have
  /// to write JSON; what it throws becomes a 500.
  void later(make_answer make) const;

private:
  struct ticket {
    ticket(sink where, make_answer if_lost);
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;
    ~ticket();

    sink give;
    make_answer lost;
    std::atomic<bool> used = false;
  };

  std::shared_ptr<ticket> ticket_;
};

} // namespace dubber
