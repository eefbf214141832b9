#pragma once

#include "clients/child_limits.hpp"
#include "clients/work_pool.hpp"
#include "core/result.hpp"

#include <string>
#include <vector>

namespace dubber {

struct child_outcome {
  int exit_code = 0; ///< 128 + signal when it was killed
  std::string out;   ///< first 4 MiB of what it wrote to stdout
  std::string err;   ///< last 4 KiB of what it wrote to stderr
};

/// Runs a program to its end: an absolute path and arguments, no shell, stdin
/// empty, no descriptors of ours, its own process group. It dies with us, at
/// the deadline (`timeout`) and when cancelled (`cancelled`). Blocks.
result<child_outcome> run_child(const std::vector<std::string>& argv,
                                ms timeout, const cancel_flag& cancelled,
                                const child_limits& limits = {});

/// The absolute path of a program on PATH; empty when there is none.
std::string find_program(const std::string& name);

} // namespace dubber
