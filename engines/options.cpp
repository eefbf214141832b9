#include "engines/options.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

namespace dubber {

namespace {

// A decoder takes 110 MB, a pipeline up to 200.
constexpr unsigned most_default_workers = 4;

bool read_number(const std::string& text, long low, long high, long& out) {
  auto [end, code]
    = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size() && out >= low
         && out <= high;
}

/// Takes `http://HOST[:PORT]`, with or without a slash behind it.
bool read_base_url(std::string url, std::string& out) {
  constexpr std::string_view scheme = "http://";
  if (url.ends_with('/'))
    url.pop_back();
  auto host = std::string_view{url}.substr(std::min(scheme.size(), url.size()));
  if (!url.starts_with(scheme) || host.empty()
      || host.find_first_of("/?#@ ") != std::string_view::npos)
    return false;
  out = url;
  return true;
}

bool known_mode(const std::string& mode) {
  return mode == "gateway" || mode == "asr" || mode == "translate"
         || mode == "tts";
}

/// Takes one option with a value; the text of the mistake, or nothing.
std::string take(engine_options& out, const std::string& name,
                 const std::string& value) {
  long number = 0;
  if (name == "--host")
    out.host = value;
  else if (name == "--data")
    out.data = value;
  else if (name == "--store" && out.mode == "gateway")
    out.store = value;
  else if (name == "--orchestrator" && out.mode == "gateway") {
    if (!read_base_url(value, out.orchestrator))
      return "--orchestrator wants http://HOST[:PORT]";
  } else if (name == "--port") {
    if (!read_number(value, 0, 65535, number))
      return "--port wants a number from 0 to 65535";
    out.port = static_cast<int>(number);
  } else if (name == "--queue") {
    if (!read_number(value, 1, 500, number))
      return "--queue wants a number from 1 to 500";
    out.queue = static_cast<unsigned>(number);
  } else if ((name == "--decoders" && out.mode == "asr")
             || (name == "--pipes" && out.mode == "translate")) {
    if (!read_number(value, 1, 64, number))
      return name + " wants a number from 1 to 64";
    out.workers = static_cast<unsigned>(number);
  } else
    return "unknown option " + name + " for mode " + out.mode;
  return value.empty() ? name + " wants a value" : "";
}

} // namespace

std::variant<engine_options, std::string>
parse_engine_options(const std::vector<std::string>& args) {
  engine_options out;
  for (auto& arg : args)
    if (arg == "--help" || arg == "-h") {
      out.help = true;
      return out;
    }
  if (args.empty() || !known_mode(args[0]))
    return std::string{"the first argument is gateway, asr, translate or tts"};
  out.mode = args[0];
  for (size_t i = 1; i < args.size(); ++i) {
    if (args[i] == "--fast" && out.mode == "asr") {
      out.fast = true;
      continue;
    }
    if (i + 1 == args.size())
      return "unknown option or missing value: " + args[i];
    if (auto wrong = take(out, args[i], args[i + 1]); !wrong.empty())
      return wrong;
    ++i;
  }
  if (out.workers == 0)
    out.workers = std::clamp(std::thread::hardware_concurrency(), 1u,
                             most_default_workers);
  if (out.store.empty())
    out.store = out.data / "store";
  return out;
}

std::string_view engine_usage() {
  return "usage: engines gateway|asr|translate|tts [options]\n"
         "  --host ADDRESS      where to listen (127.0.0.1)\n"
         "  --port N            0: any free port (0)\n"
         "  --data DIR          files of the service (engines-data)\n"
         "  --queue N           requests admitted at once (64)\n"
         "gateway:   --store DIR  --orchestrator URL\n"
         "asr:       --decoders N  --fast\n"
         "translate: --pipes N    pipes a language pair\n";
}

} // namespace dubber
