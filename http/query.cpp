#include "http/routes.hpp"

namespace dubber {

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// What is not a proper escape stays as it is.
std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0
        && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

} // namespace

std::map<std::string, std::string> parse_query(const std::string& query) {
  std::map<std::string, std::string> out;
  for (std::size_t begin = 0; begin < query.size();) {
    auto end = std::min(query.find('&', begin), query.size());
    auto pair = query.substr(begin, end - begin);
    auto equals = pair.find('=');
    if (!pair.empty())
      out[decoded(pair.substr(0, equals))]
        = equals == std::string::npos ? "" : decoded(pair.substr(equals + 1));
    begin = end + 1;
  }
  return out;
}

} // namespace dubber
