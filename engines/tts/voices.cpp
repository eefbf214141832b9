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

namespace {

/// Calls back with the words of each line below the heading.
template <class F>
void for_each_row(std::string_view text, F callback) {
  std::istringstream lines{std::string{text}};
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::vector<std::string> row;
    for (std::string word; words >> word;)
      row.push_back(word);
    if (row.size() >= 5) // priority, language, age, name, file, "(other 5)"
      callback(row);
  }
}

} // namespace

std::vector<std::string> voice_table::languages() const {
  std::vector<std::string> out;
  for (auto& [name, file] : files)
    if (name.size() == 2)
      out.push_back(name);
  return out;
}

void parse_voices(std::string_view text, voice_table& into) {
  auto add = [&](std::string_view name, const std::string& file) {
    if (auto normal = normal_voice(name); !normal.empty())
      into.files.emplace(normal, file);
  };
  for_each_row(
    text, [&](const std::vector<std::string>& row) { add(row[1], row[4]); });
  // A voice's own name wins over what it can also speak.
  for_each_row(text, [&](const std::vector<std::string>& row) {
    add(row[3], row[4]);
    for (size_t i = 5; i < row.size(); ++i)
      if (row[i].starts_with('('))
        add(std::string_view{row[i]}.substr(1), row[4]);
  });
}

void parse_variants(std::string_view text, voice_table& into) {
  for_each_row(text, [&](const std::vector<std::string>& row) {
    // Files are found by exact case: those with capitals are left out.
    auto name = row[4].substr(row[4].find('/') + 1);
    if (normal_voice(name) == name)
      into.variants.insert(name);
  });
}

std::string find_voice(const voice_table& table, std::string_view name) {
  auto normal = normal_voice(name);
  auto plus = normal.find('+');
  std::string variant;
  if (plus != std::string::npos) {
    variant = normal.substr(plus);
    if (!table.variants.contains(variant.substr(1)))
      return {};
    normal.resize(plus);
  }
  auto found = table.files.find(normal);
  if (found == table.files.end())
    found = table.files.find(normal.substr(0, normal.find('-')));
  return found == table.files.end() ? std::string{} : found->second + variant;
}

std::string find_voice(const voice_table& table, std::string_view language,
                       std::string_view voice) {
  if (voice.empty())
    return find_voice(table, language);
  if (auto variant = normal_voice(voice); table.variants.contains(variant))
    return find_voice(table, std::string{language} + "+" + variant);
  return find_voice(table, voice);
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
