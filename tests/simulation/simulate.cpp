/// simulate [--seeds N] [--from S] [--show]
///
/// Runs seeds S, S+1, … and prints each that breaks a promise. `--show` prints
/// all that happens in the first one.
#include "tests/simulation/simulation.hpp"

#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

std::uint64_t number(const char* text) {
  char* end = nullptr;
  auto n = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0') {
    std::cerr << "simulate: not a number: " << text << '\n';
    std::exit(2);
  }
  return n;
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 1'000;
  std::uint64_t from = 1;
  bool show = false;
  for (auto i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--show") == 0)
      show = true;
    else if (std::strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
      seeds = number(argv[++i]);
    else if (std::strcmp(argv[i], "--from") == 0 && i + 1 < argc)
      from = number(argv[++i]);
    else {
      std::cerr << "usage: simulate [--seeds N] [--from S] [--show]\n";
      return 2;
    }
  }
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  dubber::sim::trace all;
  std::map<dubber::job_status, int> ended;
  int crashes = 0;
  for (auto seed = from; seed < from + seeds; ++seed) {
    std::function<void(std::string_view)> echo;
    if (show)
      echo = [](std::string_view line) {
        std::cout << line << '\n';
      };
    dubber::sim::simulation world{seed, echo};
    auto out = world.run();
    steps += out.steps;
    all.note(seed, out.trace);
    crashes += out.crashes;
    for (auto& [status, n] : out.ended)
      ended[status] += n;
    if (out.broken.empty())
      continue;
    ++failed;
    std::cout << "seed " << seed << ": " << out.broken << " (trace " << std::hex
              << out.trace << std::dec << ", step " << out.steps << ")\n";
  }
  std::cout << seeds << " seeds, " << failed << " failed; " << steps
            << " steps, " << crashes << " crashes; jobs:";
  for (auto& [status, n] : ended)
    std::cout << ' ' << n << ' ' << to_string(status);
  std::cout << "; trace " << std::hex << all.hash() << '\n';
  return failed == 0 ? 0 : 1;
}
