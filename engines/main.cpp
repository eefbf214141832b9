#include "engines/http_service.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace {

constexpr unsigned stop_grace_s = 2;

int serve(const dubber::engine_options& options) {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  auto what = dubber::make_engine(options);
  dubber::http_service service{*what, options.host, options.port};
  std::printf("listening on %s:%d\n", options.host.c_str(), service.port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&wanted, &signal);
  // A request in flight may take minutes: after the grace we leave at once,
  // and the kernel takes our children with us.
  std::signal(SIGALRM, [](int) { _exit(0); });
  alarm(stop_grace_s);
  service.stop();
  what.reset();
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
