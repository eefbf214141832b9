#include "metrics/log.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace dubber::log {

namespace {

constexpr int silent = 100;
std::atomic<int> threshold = silent;
std::atomic<bool> as_json = false;

const char* name_of(level l) {
  constexpr const char* names[] = {"debug", "info", "warn", "error"};
  return names[static_cast<int>(l)];
}

std::string time_text() {
  auto now = std::chrono::system_clock::now();
  auto c = std::chrono::system_clock::to_time_t(now);
  auto milli = std::chrono::duration_cast<std::chrono::milliseconds>(
                 now.time_since_epoch())
                 .count()
               % 1000;
  std::tm tm{};
  gmtime_r(&c, &tm);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
  char out[48];
  std::snprintf(out, sizeof out, "%s.%03dZ", date, static_cast<int>(milli));
  return out;
}

} // namespace

void configure(level least, bool json) {
  threshold = static_cast<int>(least);
  as_json = json;
}

bool enabled(level how) {
  return static_cast<int>(how) >= threshold;
}

void write(level how, std::string_view event,
           const std::vector<field>& fields) {
  if (!enabled(how))
    return;
  using nlohmann::json;
  auto quoted = [](const std::string& text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  std::string line;
  if (as_json) {
    json j{{"time", time_text()}, {"level", name_of(how)}, {"event", event}};
    for (auto& [key, value] : fields)
      j[std::string{key}] = value;
    line = j.dump(-1, ' ', false, json::error_handler_t::replace);
  } else {
    line
      = std::string{event} + " level=" + name_of(how) + " time=" + time_text();
    for (auto& [key, value] : fields)
      line += " " + std::string{key} + "=" + quoted(value);
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(),
              stderr); // one write: lines stay whole
}

} // namespace dubber::log
