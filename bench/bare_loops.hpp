#pragma once

#include "bench/cpu.hpp"
#include "bench/http_stub.hpp"
#include "clients/http_client.hpp"

#include <atomic>
#include <chrono>
#include <future>

/// What our HTTP client does when nothing is recorded: the best that jobs of
/// these calls could reach.
namespace dubber::bench {

inline constexpr int calls_of_a_job = 8;

struct bare_figures {
  double rate = 0;             ///< jobs a second
  double cpu_ms = 0;           ///< a job
  std::vector<double> took_ms; ///< of each job
};

/// Jobs of calls in a row, so many at once; each end starts the next call, on
/// the client's thread.
class bare_jobs {
public:
  bare_jobs(int port, int jobs, int in_flight)
    : jobs_(jobs), in_flight_(std::min(jobs, in_flight)),
      url_(url(port, "/step")) {
    // nop
  }

  bare_figures run() {
    auto cpu = cpu_us();
    auto began = steady::now();
    for (int i = 0; i < in_flight_; ++i)
      begin_job();
    if (done_.get_future().wait_for(std::chrono::minutes{2})
        != std::future_status::ready)
      give_up("the bare loop does not end");
    std::chrono::duration<double> took = steady::now() - began;
    out_.rate = jobs_ / took.count();
    out_.cpu_ms = (cpu_us() - cpu) / 1000 / jobs_;
    return std::move(out_);
  }

private:
  using steady = std::chrono::steady_clock;

  void begin_job() {
    if (begun_++ < jobs_)
      call(0, steady::now());
  }

  void call(int n, steady::time_point began) {
    http_request request;
    request.method = "POST";
    request.url = url_;
    // As long as those of a stage.
    request.headers = {{"Idempotency-Key", std::string(64, 'a')},
                       {"Content-Type", "application/json"}};
    request.body = std::string(50, 'x');
    client_
      .send(std::move(request),
            [this, n, began](result<http_response> answer) {
              if (!answer || answer->status != 200)
                give_up("a call of the bare loop failed");
              if (n + 1 < calls_of_a_job)
                return call(n + 1, began);
              out_.took_ms.push_back(
                std::chrono::duration<double, std::milli>(steady::now() - began)
                  .count());
              begin_job();
              if (static_cast<int>(out_.took_ms.size()) == jobs_)
                done_.set_value();
            })
      .release();
  }

  int jobs_;
  int in_flight_;
  std::string url_;
  bare_figures out_; ///< of the client's thread until `done_`
  std::promise<void> done_;
  std::atomic<int> begun_ = 0;
  http_client client_; // goes first: its thread uses all others
};

} // namespace dubber::bench
