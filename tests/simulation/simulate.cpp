/// simulate [--seeds N] [--from S] [--show] [--find]
///
/// Runs seeds S, S+1, … and prints each that breaks a promise. `--show` prints
/// all that happens; `--find` is content with the first broken promise, and
/// fails when there is none (the tests of planted bugs).
#include "tests/simulation/simulation.hpp"

#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

using namespace dubber;
using namespace dubber::sim;

struct options {
  std::uint64_t seeds = 1'000;
  std::uint64_t from = 1;
  bool show = false;
  bool find = false;
};

[[noreturn]] void usage() {
  std::cerr << "usage: simulate [--seeds N] [--from S] [--show] [--find]\n";
  std::exit(2);
}

std::uint64_t number(const char* text) {
  char* end = nullptr;
  auto n = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0')
    usage();
  return n;
}

options read(int argc, char** argv) {
  options out;
  for (auto i = 1; i < argc; ++i) {
    auto is = [&](const char* name) {
      return std::strcmp(argv[i], name) == 0;
    };
    if (is("--show"))
      out.show = true;
    else if (is("--find"))
      out.find = true;
    else if (is("--seeds") && i + 1 < argc)
      out.seeds = number(argv[++i]);
    else if (is("--from") && i + 1 < argc)
      out.from = number(argv[++i]);
    else
      usage();
  }
  return out;
}

struct summary {
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  int crashes = 0;
  std::map<job_status, int> ended;
  trace all;

  void add(const verdict_of_seed& one) {
    failed += !one.broken.empty();
    steps += one.steps;
    crashes += one.crashes;
    for (auto& [status, n] : one.ended)
      ended[status] += n;
    all.note(one.seed, one.trace);
  }
};

void print(const verdict_of_seed& one) {
  std::cout << "seed " << one.seed << ": " << one.broken << " (step "
            << one.steps << ", trace " << std::hex << one.trace << std::dec
            << ")" << std::endl;
}

} // namespace

int main(int argc, char** argv) {
  auto wanted = read(argc, argv);
  summary sum;
  auto seed = wanted.from;
  for (; seed < wanted.from + wanted.seeds; ++seed) {
    std::function<void(std::string_view)> echo;
    if (wanted.show)
      echo = [](std::string_view line) {
        std::cout << line << '\n';
      };
    simulation world{seed, echo};
    auto one = world.run();
    sum.add(one);
    if (!one.broken.empty())
      print(one);
    if (!one.broken.empty() && wanted.find)
      return 0;
  }
  std::cout << wanted.seeds << " seeds, " << sum.failed << " failed; "
            << sum.steps << " steps, " << sum.crashes << " crashes; jobs:";
  for (auto& [status, n] : sum.ended)
    std::cout << ' ' << n << ' ' << to_string(status);
  std::cout << "; trace " << std::hex << sum.all.hash() << '\n';
  return sum.failed == 0 && !wanted.find ? 0 : 1;
}
