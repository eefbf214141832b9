#pragma once

#include "app/config.hpp"

namespace dubber {

/// Builds the running tree from a valid config, serves until SIGTERM or SIGINT,
/// and stops in order within the drain timeout. Returns the exit code.
int run_program(const config& settings);

} // namespace dubber
