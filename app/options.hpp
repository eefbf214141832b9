#pragma once

#include <string>
#include <variant>
#include <vector>

namespace dubber {

/// What the command line asks for; settings come from the environment.
struct options {
  bool print_config = false;
  bool help = false;
  bool version = false;
};

/// @param arguments without the program's name.
/// @return the options, or one sentence that names the unknown argument.
std::variant<options, std::string>
parse_options(const std::vector<std::string>& arguments);

/// The text of `--help`.
std::string usage();

} // namespace dubber
