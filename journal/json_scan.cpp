#include "journal/json_scan.hpp"

#include "core/transcript.hpp"

namespace dubber {

namespace {

/// What a backslash and this character stand for; 0: nothing simple.
char escaped(char c) {
  switch (c) {
  case '"':
  case '\\':
  case '/':
    return c;
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return 0;
  }
}

/// Length of the JSON number at the beginning; 0: there is none (RFC 8259, 6).
std::size_t number_at(std::string_view text) {
  std::size_t i = text.starts_with('-') ? 1 : 0;
  auto digits = [&] {
    auto first = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9')
      ++i;
    return i - first;
  };
  auto zero = i < text.size() && text[i] == '0';
  auto whole = digits();
  if (whole == 0 || (zero && whole > 1))
    return 0;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0)
      return 0;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-'))
      ++i;
    if (digits() == 0)
      return 0;
  }
  return i;
}

} // namespace

json_scan& json_scan::read(std::string& to) {
  if (!try_skip("\""))
    return fail();
  to.clear();
  auto plain = true; // no byte of more than 7 bits
  for (std::size_t begin = 0, i = 0; i < left_.size();) {
    auto c = left_[i];
    if (c != '"' && c != '\\') {
      if (static_cast<unsigned char>(c) < 0x20)
        return fail();
      plain &= static_cast<unsigned char>(c) < 0x80;
      ++i;
      continue;
    }
    to.append(left_.substr(begin, i - begin));
    if (c == '"') {
      left_.remove_prefix(i + 1);
      return plain || is_valid_utf8(to) ? *this : fail();
    }
    auto meant = i + 1 < left_.size() ? escaped(left_[i + 1]) : '\0';
    if (meant == 0)
      return fail();
    to += meant;
    i += 2;
    begin = i;
  }
  return fail();
}

json_scan& json_scan::read(bool& to) {
  to = try_skip("true");
  return to ? *this : skip("false");
}

json_scan& json_scan::read(double& to) {
  auto length = sound_ ? number_at(left_) : 0;
  if (length == 0)
    return fail();
  auto [at, error] = std::from_chars(left_.data(), left_.data() + length, to);
  if (error != std::errc{} || at != left_.data() + length)
    return fail();
  left_.remove_prefix(length);
  return *this;
}

} // namespace dubber
