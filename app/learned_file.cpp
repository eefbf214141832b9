#include "app/learned_file.hpp"

#include "metrics/log.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <system_error>

namespace dubber {

namespace fs = std::filesystem;
using json = nlohmann::json;

namespace {

constexpr int version = 1;
constexpr std::size_t most_services = 1'000;

void complain(const fs::path& file, const std::string& why) {
  log::write(log::level::warn, "learned_speeds.unusable",
             {{"file", file.string()}, {"reason", why}});
}

} // namespace

speed_board::all load_speeds(const fs::path& file) {
  speed_board::all out;
  std::ifstream in{file};
  if (!in)
    return out;
  try {
    auto all = json::parse(in);
    if (all.at("version") != version)
      throw std::runtime_error{"written by another version"};
    for (auto& [key, one] : all.at("services").items()) {
      learned_speed::memory memory;
      one.at("paces").get_to(memory.paces);
      one.at("longest").get_to(memory.longest);
      if (out.size() < most_services)
        out[key] = std::move(memory);
    }
  } catch (const std::exception& x) {
    complain(file, x.what());
    return {};
  }
  return out;
}

void save_speeds(const fs::path& file, const speed_board::all& speeds) {
  json services = json::object();
  for (auto& [key, memory] : speeds)
    services[key] = {{"paces", memory.paces}, {"longest", memory.longest}};
  auto next = file;
  next += ".new";
  std::ofstream out{next, std::ios::trunc};
  out << json{{"version", version}, {"services", std::move(services)}};
  out.close();
  std::error_code ec;
  if (out)
    fs::rename(next, file, ec);
  if (!out || ec)
    complain(file, ec ? ec.message() : "cannot be written");
}

} // namespace dubber
