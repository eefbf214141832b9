#include "engines/translate/text.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr std::string_view special = "[]{}^$/\\@<>";
constexpr std::string_view flush = ".[]";
constexpr size_t longest_word = 200;

bool is_space(char c) {
  return static_cast<unsigned char>(c) <= 32;
}

size_t word_end(std::string_view text, size_t from) {
  while (from < text.size() && !is_space(text[from]))
    ++from;
  return from;
}

void append(std::string& out, char c) {
  auto u = static_cast<unsigned char>(c);
  if (special.find(c) != std::string_view::npos)
    out += '\\';
  out += u < 32 || u == 127 ? ' ' : c;
}

} // namespace

std::string to_stream(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool starts = i == 0 || is_space(text[i - 1]);
    auto end = starts ? word_end(text, i) : i;
    if (end - i > longest_word) {
      out += '[';
      for (; i < end; ++i)
        append(out, text[i]);
      out += ']';
      --i;
    } else if (text[i] == '\n')
      out += "[\\n]";
    else
      append(out, text[i]);
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

std::vector<program> pipeline(std::string_view mode_file) {
  auto line = mode_file.substr(0, mode_file.find('\n'));
  std::vector<program> out(1);
  for (size_t i = 0; i < line.size(); ++i) {
    if (is_space(line[i]))
      continue;
    if (line[i] == '|') {
      out.emplace_back();
      continue;
    }
    bool quoted = line[i] == '\'';
    auto end
      = std::min(line.find_first_of(quoted ? "'" : " |", i + 1), line.size());
    std::string word{line.substr(i + quoted, end - i - quoted)};
    if (word == "$1")
      word = "-n";
    if (word != "$2")
      out.back().push_back(word);
    if (!quoted && out.back().size() == 1)
      out.back().push_back("-z");
    i = quoted ? end : end - 1;
  }
  bool odd = std::any_of(out.begin(), out.end(), [](auto& x) {
    return x.empty() || x[0].find_first_of("$;&<>`\"\\") != x[0].npos;
  });
  return odd ? std::vector<program>{} : out;
}

std::vector<program> analyser(const std::vector<program>& mode) {
  if (mode.empty() || mode[0][0] != "lt-proc")
    return {};
  return {mode[0]};
}

} // namespace dubber
