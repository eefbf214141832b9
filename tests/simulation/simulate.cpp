/// simulate [--seeds N] [--from S] [--jobs J] [--show] [--find]
///
/// Runs seeds S, S+1, … and prints each that breaks a promise. `--jobs` has J
/// processes share them; each sums up its own. `--show` prints
/// all that happens; `--find` is content with the first broken promise, and
/// fails when there is none (the tests of planted bugs).
#include "tests/simulation/simulation.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

using namespace dubber;
using namespace dubber::sim;

struct options {
  std::uint64_t seeds = 1'000;
  std::uint64_t from = 1;
  std::uint64_t jobs = 1;
  bool show = false;
  bool find = false;
};

[[noreturn]] void usage() {
  std::cerr << "usage: simulate [--seeds N] [--from S] [--jobs J] [--show] "
               "[--find]\n";
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
    else if (is("--jobs") && i + 1 < argc)
      out.jobs = number(argv[++i]);
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

int run(const options& wanted) {
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
  std::cout << "; trace " << std::hex << sum.all.hash() << std::dec
            << std::endl;
  return sum.failed == 0 && !wanted.find ? 0 : 1;
}

/// Each process takes seeds that follow each other: processes share nothing,
/// where threads would share the log and CAF's registries.
int run_side_by_side(const options& wanted) {
  auto from = wanted.from;
  for (std::uint64_t n = 0; n < wanted.jobs; ++n) {
    auto part = wanted;
    part.from = from;
    part.seeds
      = wanted.seeds / wanted.jobs + (n < wanted.seeds % wanted.jobs ? 1 : 0);
    from += part.seeds;
    auto child = fork();
    if (child < 0) {
      std::perror("simulate: fork");
      return 2;
    }
    if (child == 0)
      return run(part);
  }
  auto worst = 0;
  auto status = 0;
  while (wait(&status) > 0)
    worst = std::max(worst, WIFEXITED(status) ? WEXITSTATUS(status) : 2);
  return worst;
}

} // namespace

int main(int argc, char** argv) {
  auto wanted = read(argc, argv);
  return wanted.jobs > 1 && !wanted.find ? run_side_by_side(wanted)
                                         : run(wanted);
}
