#include "metrics/log.hpp"

#include "metrics/mask.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
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

/// Of a thread: what it gathers, and the second that it last wrote down.
struct pending {
  bool gathers = false;
  std::string lines;
  std::time_t second = -1;
  char date[32] = "";
};

thread_local pending mine;

std::string time_text() {
  auto now = std::chrono::system_clock::now();
  auto second = std::chrono::system_clock::to_time_t(now);
  auto milli = std::chrono::duration_cast<std::chrono::milliseconds>(
                 now.time_since_epoch())
                 .count()
               % 1000;
  if (second != mine.second) {
    std::tm tm{};
    gmtime_r(&second, &tm);
    std::strftime(mine.date, sizeof mine.date, "%Y-%m-%dT%H:%M:%S", &tm);
    mine.second = second;
  }
  char out[48];
  std::snprintf(out, sizeof out, "%s.%03dZ", mine.date,
                static_cast<int>(milli));
  return out;
}

void flush() {
  // One write: lines stay whole.
  std::fwrite(mine.lines.data(), 1, mine.lines.size(), stderr);
  mine.lines.clear();
}

/// JSON that is safe to show: besides what JSON itself escapes, DEL, the C1
/// control characters and the Unicode line ends.
std::string shown(const nlohmann::json& value) {
  auto text
    = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto rest = std::string_view{text}.substr(i);
    if (text[i] == '\x7f') {
      out += "\\u007f";
    } else if (rest.starts_with("\xc2") && rest.size() > 1
               && static_cast<unsigned char>(rest[1]) < 0xa0) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u00%02x",
                    static_cast<unsigned char>(rest[1]));
      out += escape;
      ++i;
    } else if (rest.starts_with("\xe2\x80\xa8")
               || rest.starts_with("\xe2\x80\xa9")) {
      out += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The same of a text; most have nothing to escape.
std::string shown_text(const std::string& text) {
  auto plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  return plain ? '"' + text + '"' : shown(text);
}

} // namespace

void configure(level least, bool json) {
  threshold = static_cast<int>(least);
  as_json = json;
}

bool enabled(level how) {
  return static_cast<int>(how) >= threshold;
}

std::string line_of(bool json, level how, std::string_view event,
                    std::string_view time, const std::vector<field>& fields) {
  if (json) {
    nlohmann::json j{{"time", time}, {"level", name_of(how)}, {"event", event}};
    for (auto& [key, value] : fields)
      j[std::string{key}] = masked(value);
    return shown(j);
  }
  auto line = std::string{event} + " level=" + name_of(how)
              + " time=" + std::string{time};
  for (auto& [key, value] : fields) {
    line += ' ';
    line += key;
    line += '=';
    line += shown_text(masked(value));
  }
  return line;
}

void write(level how, std::string_view event,
           const std::vector<field>& fields) {
  if (!enabled(how))
    return;
  auto line = line_of(as_json, how, event, time_text(), fields) + '\n';
  if (mine.lines.size() + line.size() > most_gathered)
    flush();
  mine.lines += line;
  if (!mine.gathers || how >= level::warn)
    flush();
}

gathering::gathering() {
  mine.gathers = true;
}

gathering::~gathering() {
  mine.gathers = false;
  if (!mine.lines.empty())
    flush();
}

} // namespace dubber::log
