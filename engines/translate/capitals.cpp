#include "engines/translate/capitals.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr size_t most_words = 100;

bool small(char c) {
  return c >= 'a' && c <= 'z';
}

/// A part of a word: letters of any script, digits, the apostrophe.
bool in_word(char c) {
  return small(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
         || c == '\'' || static_cast<unsigned char>(c) >= 128;
}

char capital(char c) {
  return static_cast<char>(c - 'a' + 'A');
}

/// Calls back with each unit's surface form and whether it is known.
template <class F>
void for_each_unit(std::string_view analysis, F callback) {
  for (size_t i = 0; i < analysis.size(); ++i) {
    if (analysis[i] == '\\')
      ++i;
    else if (analysis[i] == '^') {
      auto slash = analysis.find('/', i);
      if (slash == std::string_view::npos)
        return;
      callback(analysis.substr(i + 1, slash - i - 1),
               !analysis.substr(slash + 1).starts_with('*'));
      i = slash;
    }
  }
}

} // namespace

std::set<std::string> unknown_words(std::string_view analysis) {
  std::set<std::string> out;
  for_each_unit(analysis, [&](std::string_view word, bool known) {
    if (!known && !word.empty() && out.size() < most_words
        && std::all_of(word.begin(), word.end(), small))
      out.emplace(word);
  });
  return out;
}

std::string capitalised_lines(const std::set<std::string>& words) {
  std::string out;
  for (auto& word : words)
    out += capital(word[0]) + word.substr(1) + ".\n";
  return out;
}

std::set<std::string> known_with_capital(const std::set<std::string>& words,
                                         std::string_view analysis) {
  std::set<std::string> known;
  for_each_unit(analysis, [&](std::string_view word, bool is_known) {
    if (is_known)
      known.emplace(word);
  });
  std::set<std::string> out;
  for (auto& word : words)
    if (known.contains(capital(word[0]) + word.substr(1)))
      out.insert(word);
  return out;
}

std::string with_capitals(std::string_view text,
                          const std::set<std::string>& words) {
  std::string out{text};
  for (size_t i = 0; i < out.size(); ++i) {
    if (!in_word(out[i]))
      continue;
    auto end = i;
    while (end < out.size() && in_word(out[end]))
      ++end;
    if (words.contains(out.substr(i, end - i)))
      out[i] = capital(out[i]);
    i = end;
  }
  return out;
}

} // namespace dubber
