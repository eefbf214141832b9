#pragma once

#include "clients/call_key.hpp"
#include "clients/http_client.hpp"
#include "clients/worker.hpp"
#include "clients/workers/services.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>

namespace dubber {

/// One attempt of several calls in a row: the newest call is the one that a
/// cancel aborts; one deadline for all.
class attempt : public std::enable_shared_from_this<attempt> {
public:
  attempt(ms timeout, worker::callback on_end)
    : deadline_(std::chrono::steady_clock::now() + timeout),
      on_end_(std::move(on_end)) {
    // nop
  }

  ms left() const {
    return std::max(ms{1}, std::chrono::duration_cast<ms>(
                             deadline_ - std::chrono::steady_clock::now()));
  }

  /// Begins the next step, unless the attempt was cancelled.
  void next(const std::function<call_handle()>& step) {
    std::lock_guard lock{mutex_};
    if (cancelled_)
      return;
    current_.release();
    current_ = step();
  }

  void end(result<work_result> outcome) {
    worker::callback f;
    {
      std::lock_guard lock{mutex_};
      current_.release();
      f = std::exchange(on_end_, nullptr);
      if (cancelled_)
        return;
    }
    if (f)
      f(std::move(outcome));
  }

  call_handle handle() {
    return call_handle{[me = shared_from_this()] {
      std::lock_guard lock{me->mutex_};
      me->cancelled_ = true;
      me->current_.cancel();
    }};
  }

private:
  std::chrono::steady_clock::time_point deadline_;
  std::mutex mutex_;
  call_handle current_;
  worker::callback on_end_;
  bool cancelled_ = false;
};

/// Where this attempt goes: the gate chose among the service's URLs.
inline const std::string& base_url(const service_settings& settings,
                                   const attempt_info& info) {
  return info.url.empty() ? settings.url : info.url;
}

/// A POST with what every keyed call carries.
inline http_request keyed_post(const service_settings& settings,
                               const work_order& order,
                               const attempt_info& info,
                               const std::string& path,
                               const rendered_call* rendered = nullptr) {
  http_request rq;
  rq.method = "POST";
  rq.url = base_url(settings, info) + path;
  rq.headers.emplace_back("Idempotency-Key",
                          call_key(order, settings.identity, rendered));
  if (!info.traceparent.empty())
    rq.headers.emplace_back("traceparent", info.traceparent);
  return rq;
}

} // namespace dubber
