#include "app/config.hpp"
#include "app/options.hpp"
#include "app/program.hpp"
#include "metrics/log.hpp"

#include <iostream>

namespace {

using namespace dubber;

log::level level_of(const std::string& name) {
  if (name == "debug")
    return log::level::debug;
  if (name == "warn")
    return log::level::warn;
  if (name == "error")
    return log::level::error;
  return log::level::info;
}

int usage_error(const std::string& why) {
  std::cerr << why << "\n\n" << usage();
  return 2;
}

int start(int argc, char* argv[]) {
  auto parsed = parse_options({argv + 1, argv + argc});
  if (auto why = std::get_if<std::string>(&parsed))
    return usage_error(*why);
  auto& wanted = std::get<options>(parsed);
  if (wanted.help) {
    std::cout << usage();
    return 0;
  }
  if (wanted.version) {
    std::cout << "dubber-orchestrator " DUBBER_VERSION "\n";
    return 0;
  }
  auto loaded = load_config(process_environment());
  if (auto mistakes = std::get_if<std::vector<std::string>>(&loaded)) {
    std::cerr << "the configuration has " << mistakes->size()
              << " mistake(s):\n";
    for (auto& text : *mistakes)
      std::cerr << "  " << text << '\n';
    return 2;
  }
  auto& settings = std::get<config>(loaded);
  if (wanted.print_config) {
    std::cout << print_config(settings) << '\n';
    return 0;
  }
  log::configure(level_of(settings.log_level), settings.log_format == "json");
  return run_program(settings);
}

} // namespace

int main(int argc, char* argv[]) {
  try {
    return start(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "dubber-orchestrator: " << e.what() << '\n';
    return 1;
  }
}
