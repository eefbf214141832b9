#include "http/uri.hpp"

#include <algorithm>

namespace dubber {

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_escape(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && hex(text[at + 1]) >= 0
         && hex(text[at + 2]) >= 0;
}

struct decoded_text {
  std::string text;
  bool proper = true; ///< every '%' began an escape
};

decoded_text decoded(std::string_view text, bool plus_is_space) {
  decoded_text out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && is_escape(text, i)) {
      out.text += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
      continue;
    }
    out.proper &= text[i] != '%';
    out.text += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

} // namespace

std::optional<std::vector<std::string>> path_parts(std::string_view path) {
  if (!path.starts_with('/'))
    return std::nullopt;
  std::vector<std::string> out;
  for (std::size_t begin = 1;;) {
    auto end = std::min(path.find('/', begin), path.size());
    auto part = decoded(path.substr(begin, end - begin), false);
    if (!part.proper)
      return std::nullopt;
    out.push_back(std::move(part.text));
    if (end == path.size())
      return out;
    begin = end + 1;
  }
}

std::map<std::string, std::string> parse_query(std::string_view query) {
  std::map<std::string, std::string> out;
  for (std::size_t begin = 0; begin < query.size();) {
    auto end = std::min(query.find('&', begin), query.size());
    auto pair = query.substr(begin, end - begin);
    auto equals = pair.find('=');
    if (!pair.empty())
      out[decoded(pair.substr(0, equals), true).text]
        = equals == std::string_view::npos
            ? ""
            : decoded(pair.substr(equals + 1), true).text;
    begin = end + 1;
  }
  return out;
}

} // namespace dubber
