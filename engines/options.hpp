#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dubber {

/// What the command line of `engines` says.
struct engine_options {
  std::string mode;
  std::string host = "127.0.0.1";
  int port = 0; // 0: any free port
  std::filesystem::path data = "engines-data";
  std::filesystem::path store; // gateway; empty: <data>/store
  std::string orchestrator;    // gateway; empty: nobody is told
  unsigned workers = 0;        // decoders, pipes a pair; 0: one a core
  unsigned queue = 64;         // requests admitted at once, the rest get 503
  bool fast = false;           // asr: narrower beams
  bool help = false;
};

/// Reads the arguments after the program's name; on a mistake, its text.
std::variant<engine_options, std::string>
parse_engine_options(const std::vector<std::string>& args);

/// The text of `--help`.
std::string_view engine_usage();

} // namespace dubber
