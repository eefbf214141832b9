#include "engines/translate/text.hpp"

#include <cctype>
#include <map>

namespace dubber {

namespace {

constexpr std::string_view special = "[]{}^$/\\@<>";
constexpr std::string_view flush = ".[]";

const std::map<std::pair<std::string, std::string>, std::vector<std::string>>&
routes() {
  static const std::map<std::pair<std::string, std::string>,
                        std::vector<std::string>>
    table{{{"en", "es"}, {"eng-spa"}},
          {{"en", "ca"}, {"eng-cat"}},
          {{"en", "eo"}, {"en-eo"}},
          {{"en", "pt"}, {"eng-spa", "es-pt"}},
          {{"en", "fr"}, {"eng-spa", "es-fr"}},
          {{"en", "it"}, {"eng-spa", "spa-ita"}},
          {{"es", "en"}, {"spa-eng"}},
          {{"es", "pt"}, {"es-pt"}},
          {{"es", "fr"}, {"es-fr"}},
          {{"es", "it"}, {"spa-ita"}},
          {{"pt", "es"}, {"pt-es"}},
          {{"fr", "es"}, {"fr-es"}},
          {{"it", "es"}, {"ita-spa"}}};
  return table;
}

} // namespace

std::string to_stream(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto u = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "[\\n]";
    else if (u < 32 || u == 127)
      out += ' ';
    else {
      if (special.find(c) != std::string_view::npos)
        out += '\\';
      out += c;
    }
  }
  out += flush;
  return out;
}

std::string from_stream(std::string_view stream) {
  if (stream.ends_with(flush))
    stream.remove_suffix(flush.size());
  std::string out;
  for (size_t i = 0; i < stream.size(); ++i) {
    if (stream.substr(i).starts_with("[\\n]")) {
      out += '\n';
      i += 3;
    } else if (stream[i] == '\\' && i + 1 < stream.size())
      out += stream[++i];
    else if (stream[i] == '[' || stream[i] == ']')
      continue; // blanks of the transfer; the text's own are escaped
    else if (stream[i] == ' ' && (out.empty() || out.ends_with(' ')))
      continue;
    else {
      if ((stream[i] == ',' || stream[i] == '.') && out.ends_with(' '))
        out.pop_back();
      out += stream[i];
    }
  }
  while (out.ends_with(' '))
    out.pop_back();
  return out;
}

std::string pipeline(std::string_view mode_file) {
  auto line = mode_file.substr(0, mode_file.find('\n'));
  std::string out;
  bool program = true; // the next word names a program
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '$' && i + 1 < line.size()) {
      out += line[++i] == '1' ? "-n" : "";
      continue;
    }
    if (line[i] == '|')
      program = true;
    bool in_word = line[i] != ' ' && line[i] != '|';
    out += line[i];
    if (program && in_word && (i + 1 == line.size() || line[i + 1] == ' ')) {
      out += " -z";
      program = false;
    }
  }
  return out;
}

std::vector<std::string> route(const std::string& from, const std::string& to) {
  auto at = routes().find({from, to});
  return at == routes().end() ? std::vector<std::string>{} : at->second;
}

std::vector<std::pair<std::string, std::string>> language_pairs() {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [pair, modes] : routes())
    out.push_back(pair);
  return out;
}

std::string normal_language(std::string_view tag) {
  auto end = tag.find_first_of("-_");
  std::string out;
  for (char c : tag.substr(0, end)) {
    auto u = static_cast<unsigned char>(c);
    if (u >= 128 || !std::isalpha(u))
      return {};
    out += static_cast<char>(std::tolower(u));
  }
  return out.size() == 2 || out.size() == 3 ? out : std::string{};
}

} // namespace dubber
