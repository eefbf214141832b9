// What a call of the HTTP client costs: alone, and beside thousands of slow
// ones; next to a bare epoll loop against the same stub in the same run. Each
// figure is this process's own CPU time (the stub is a forked process).
#include "bench/cpu.hpp"
#include "bench/http_stub.hpp"
#include "clients/http_client.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <vector>

namespace {

using namespace dubber;
using steady = std::chrono::steady_clock;

constexpr int in_flight = 64;
constexpr int calls = 60'000;
constexpr double limit_us = 6;
const std::string body(50, 'x');

struct figure {
  double cpu = 0;  ///< us a call
  double rate = 0; ///< calls/s
};

template <class F>
figure measured(F run) {
  auto cpu = bench::cpu_us();
  auto begun = steady::now();
  run();
  std::chrono::duration<double> took = steady::now() - begun;
  return {(bench::cpu_us() - cpu) / calls, calls / took.count()};
}

/// The floor: one send and one recv a call, no parsing beyond the length.
void bare(int port) {
  int poller = epoll_create1(EPOLL_CLOEXEC);
  std::string request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
                        + std::to_string(body.size()) + "\r\n\r\n" + body;
  std::vector<int> open;
  int left = calls;
  int started = 0;
  for (; started < in_flight; ++started) {
    int fd = bench::connect_to(port);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.fd = fd;
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    open.push_back(fd);
    bench::write_all(fd, request);
  }
  char buffer[4096];
  epoll_event events[in_flight];
  while (left > 0) {
    int n = epoll_wait(poller, events, in_flight, 5'000);
    if (n <= 0)
      bench::give_up("the stub does not answer");
    for (int i = 0; i < n; ++i) {
      int fd = events[i].data.fd;
      if (::recv(fd, buffer, sizeof buffer, 0) <= 0)
        bench::give_up("the stub hung up");
      --left;
      if (started < calls) {
        ++started;
        bench::write_all(fd, request);
      }
    }
  }
  for (int fd : open)
    ::close(fd);
  ::close(poller);
}

/// Each end starts the next call, on the client's thread.
class run {
public:
  run(http_client& client, int port)
    : client_(client), url_(bench::url(port, "/")) {
    // nop
  }

  void operator()() {
    for (int i = 0; i < in_flight; ++i)
      next();
    if (done_.get_future().wait_for(std::chrono::seconds{60})
        != std::future_status::ready)
      bench::give_up("the client does not end");
    if (bad_ > 0)
      bench::give_up("calls failed");
  }

private:
  void next() {
    if (started_++ >= calls)
      return;
    http_request request;
    request.method = "POST";
    request.url = url_;
    request.body = body;
    client_
      .send(std::move(request),
            [this](result<http_response> out) {
              bad_ += !out || out->status != 200;
              next();
              if (++ended_ == calls)
                done_.set_value();
            })
      .release();
  }

  http_client& client_;
  std::string url_;
  std::promise<void> done_;
  std::atomic<int> started_{0};
  std::atomic<int> ended_{0};
  std::atomic<int> bad_{0};
};

void print(const char* what, figure f, const figure& floor) {
  std::printf("%-36s %6.2f us CPU a call  %8.0f calls/s  %.2f x bare\n", what,
              f.cpu, f.rate, f.cpu / floor.cpu);
}

/// Slow calls the limit on open files allows, 5,000 at best.
int slow_calls() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  auto room = static_cast<int>(std::min<rlim_t>(files.rlim_cur, 1'000'000));
  int out = std::clamp(room - 500, 0, 5'000);
  if (out < 5'000)
    std::printf("ulimit -n is %d: only %d slow calls\n", room, out);
  return out;
}

} // namespace

int main() {
  bench::stub fast{2 * in_flight};
  int slow = slow_calls();
  bench::stub holding{slow + 16};
  measured([&] { bare(fast.port()); }); // warms the machine up
  auto floor = measured([&] { bare(fast.port()); });
  print("bare epoll loop, 64 in flight", floor, floor);
  http_client_limits limits;
  limits.connections_per_host = std::max(slow, 256);
  http_client client{limits};
  run{client, fast.port()}();
  auto alone = measured([&] { run{client, fast.port()}(); });
  print("client, 64 in flight", alone, floor);
  std::vector<call_handle> handles;
  http_request request;
  request.url = bench::url(holding.port(), "/hold");
  request.deadline = std::chrono::hours{1};
  std::atomic<int> early{0};
  for (int i = 0; i < slow; ++i)
    handles.push_back(client.send(request, [&](auto) { ++early; }));
  holding.wait_held(slow);
  run{client, fast.port()}();
  auto beside = measured([&] { run{client, fast.port()}(); });
  std::printf("%d slow calls wait; ended early: %d\n", slow, early.load());
  print("client, 64 in flight beside them", beside, floor);
  handles.clear();
  bool good = alone.cpu <= limit_us && beside.cpu <= limit_us * 1.25;
  std::printf("limit %.0f us a call: %s\n", limit_us, good ? "kept" : "missed");
  return 0;
}
