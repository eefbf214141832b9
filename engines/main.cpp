#include "engines/http_service.hpp"
#include "engines/process_group.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <future>

namespace {

constexpr auto stop_grace = std::chrono::seconds{1};

volatile std::sig_atomic_t started = 0;
int stop_pipe[2] = {-1, -1};

void on_stop(int) {
  if (started == 0)
    _exit(0); // nothing was promised to anybody yet
  auto kept = errno;
  // Full means that it was said before.
  [[maybe_unused]] auto n = ::write(stop_pipe[1], "", 1);
  errno = kept;
}

void wait_for_stop() {
  char byte;
  while (::read(stop_pipe[0], &byte, 1) < 0 && errno == EINTR)
    continue;
}

int serve(const dubber::engine_options& options) {
  if (::pipe(stop_pipe) != 0)
    throw std::runtime_error("no more descriptors");
  std::signal(SIGTERM, on_stop);
  std::signal(SIGINT, on_stop);
  auto what = dubber::make_engine(options);
  dubber::http_service service{*what, options.host, options.port,
                               options.queue};
  started = 1;
  std::printf("listening on %s:%d\n", options.host.c_str(), service.port());
  std::fflush(stdout);
  wait_for_stop();
  auto stopped = std::async(std::launch::async, [&] {
    what->stop();
    service.stop();
    what.reset();
  });
  // A request in flight may take minutes: after the grace we leave at once.
  if (stopped.wait_for(stop_grace) != std::future_status::ready) {
    dubber::end_all_groups();
    _exit(0);
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  auto parsed = dubber::parse_engine_options({argv + 1, argv + argc});
  if (auto* wrong = std::get_if<std::string>(&parsed)) {
    std::fprintf(stderr, "engines: %s\n%s", wrong->c_str(),
                 dubber::engine_usage().data());
    return 2;
  }
  auto& options = std::get<dubber::engine_options>(parsed);
  if (options.help) {
    std::fputs(dubber::engine_usage().data(), stdout);
    return 0;
  }
  try {
    return serve(options);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "engines: %s\n", e.what());
    return 1;
  }
}
