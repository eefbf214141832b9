#include "app/options.hpp"

namespace dubber {

std::variant<options, std::string>
parse_options(const std::vector<std::string>& arguments) {
  options asked;
  for (const auto& argument : arguments) {
    if (argument == "--print-config")
      asked.print_config = true;
    else if (argument == "--help" || argument == "-h")
      asked.help = true;
    else if (argument == "--version")
      asked.version = true;
    else
      return "unknown argument: " + argument + " (see --help)";
  }
  return asked;
}

std::string usage() {
  return "usage: dubber-orchestrator [--print-config] [--version] [--help]\n"
         "\n"
         "Coordinates video dubbing jobs. Settings come from the environment "
         "(see README.md).\n"
         "  --print-config  print the validated settings as JSON and exit\n"
         "\n"
         "Exit status: 0 after a clean stop, 1 when it could not start or stop "
         "cleanly,\n"
         "2 when the settings or arguments are wrong.\n";
}

} // namespace dubber
