#include "engines/tts/voices.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <sstream>

namespace dubber {

std::string normal_voice(std::string_view name) {
  if (name.empty() || name.size() > 40
      || !std::isalpha(static_cast<unsigned char>(name[0])))
    return {};
  std::string out;
  for (char c : name) {
    auto u = static_cast<unsigned char>(c);
    if (u >= 128 || (!std::isalnum(u) && c != '-' && c != '_' && c != '+'))
      return {};
    out += c == '_' ? '-' : static_cast<char>(std::tolower(u));
  }
  return out;
}

std::set<std::string> parse_voices(std::string_view table) {
  std::set<std::string> out;
  std::istringstream lines{std::string{table}};
  std::string line;
  std::getline(lines, line); // the heading
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::string priority, language, age, name, file, other;
    words >> priority >> language >> age >> name >> file;
    out.insert(normal_voice(language));
    out.insert(normal_voice(name));
    while (words >> other) // "(en 2)"
      if (other.starts_with('('))
        out.insert(normal_voice(std::string_view{other}.substr(1)));
  }
  out.erase("");
  return out;
}

int words_per_minute(double rate) {
  return std::min(260, static_cast<int>(std::lround(165 * rate)));
}

std::string speakable(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto u = static_cast<unsigned char>(c);
    if (u < 32 || u == 127)
      c = ' ';
    if (c == '[' && out.ends_with('['))
      out += ' ';
    out += c;
  }
  return out;
}

} // namespace dubber
