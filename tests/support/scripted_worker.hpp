#pragma once

#include "clients/worker.hpp"
#include "tests/support/dub_samples.hpp"
#include "tests/support/timeline.hpp"

#include <algorithm>
#include <stdexcept>

namespace dubber::test {

/// What became of one attempt.
struct attempt_seen {
  std::string service;
  std::int64_t job_id = 0;
  std::string stage;
  std::uint32_t item = 0;
  int number = 0;
  ms timeout{0};
  time_point began;
  std::optional<time_point> ended;
  bool cancelled = false;
};

/// How an attempt is answered.
struct scripted_reply {
  ms after{1'000};
  /// Unset: the faultless answer.
  std::optional<result<work_result>> outcome;
  bool throws = false; ///< `start` itself throws, as only a bug of ours would
};

/// All workers' double: answers every order after a second, or as the script
/// says. An answer that comes after the deadline is the fault `timeout`.
class scripted_worker : public worker {
public:
  using script_fn
    = std::function<scripted_reply(const work_order&, const attempt_info&)>;

  explicit scripted_worker(timeline& time) : time_(time) {
    // nop
  }

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override {
    auto reply = script ? script(*order, info) : scripted_reply{};
    if (reply.throws)
      throw std::runtime_error("the worker is broken");
    auto n = seen.size();
    seen.push_back({order->service, order->job_id, order->stage, order->item,
                    info.number, info.timeout, time_.now(), std::nullopt,
                    false});
    auto& busy = now_[order->service];
    most[order->service] = std::max(most[order->service], ++busy);
    auto outcome = reply.outcome
                     ? *reply.outcome
                     : result<work_result>{sample_answer(*order, shape)};
    if (reply.after > info.timeout) {
      reply.after = info.timeout;
      outcome = fault{fault_code::timeout, "no answer in time", 0, {}};
    }
    auto end = [this, n, on_end = std::move(on_end), outcome] {
      ended(n);
      on_end(outcome);
    };
    auto deed = time_.after(reply.after, std::move(end));
    return call_handle{[this, n, deed] {
      if (seen[n].ended)
        return;
      time_.cancel(deed);
      seen[n].cancelled = true;
      ended(n);
    }};
  }

  /// Attempts of one item so far.
  std::vector<attempt_seen> of(std::string_view stage,
                               std::uint32_t item = 0) const {
    std::vector<attempt_seen> out;
    std::copy_if(seen.begin(), seen.end(), std::back_inserter(out),
                 [&](auto& x) { return x.stage == stage && x.item == item; });
    return out;
  }

  int running(const std::string& service) const {
    auto i = now_.find(service);
    return i == now_.end() ? 0 : i->second;
  }

  dub_shape shape;
  script_fn script;
  std::vector<attempt_seen> seen;
  std::map<std::string, int> most; ///< at once, by service

private:
  void ended(std::size_t n) {
    seen[n].ended = time_.now();
    --now_[seen[n].service];
  }

  timeline& time_;
  std::map<std::string, int> now_;
};

inline scripted_reply fails(fault_code code, ms after = ms{1'000},
                            std::optional<ms> retry_after = std::nullopt) {
  return {after, fault{code, "the service said no", 0, retry_after}, false};
}

} // namespace dubber::test
