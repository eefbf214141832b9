#include "metrics/mask.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr std::string_view secret_names[]
  = {"signature", "x-amz-signature", "x-amz-credential", "x-amz-security-token",
     "sig",       "token",           "access_token",     "api_key",
     "password",  "secret",          "awsaccesskeyid"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_name(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9')
         || c == '-' || c == '_';
}

/// Whether a value ends here.
bool is_end(char c) {
  return static_cast<unsigned char>(c) <= ' '
         || std::string_view{"&\"'<>,;)}]#"}.find(c) != std::string_view::npos;
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_end(text[at]))
    ++at;
  return at;
}

/// `://user:password@`: where the password is; empty when there is none.
std::string_view password_at(std::string_view text, std::size_t after_slashes) {
  auto rest = text.substr(after_slashes);
  auto stop = std::find_if(rest.begin(), rest.end(), [](char c) {
    return is_end(c) || c == '/' || c == '?';
  });
  auto authority
    = rest.substr(0, static_cast<std::size_t>(stop - rest.begin()));
  auto at = authority.rfind('@');
  auto colon = authority.find(':');
  if (at == std::string_view::npos || colon >= at)
    return {};
  return authority.substr(colon + 1, at - colon - 1);
}

/// The part of a text at `at` that is to be hidden; its front is kept.
std::string_view secret_at(std::string_view text, std::size_t at) {
  auto value = [&](std::size_t from) {
    return text.substr(from, end_of_value(text, from) - from);
  };
  if (text.substr(at, 3) == "://")
    return password_at(text, at + 3);
  if (at > 0 && is_name(text[at - 1]))
    return {};
  for (std::string_view scheme : {"Bearer ", "Basic "})
    if (same_word(text.substr(at, scheme.size()), scheme))
      return value(at + scheme.size());
  for (auto name : secret_names)
    if (same_word(text.substr(at, name.size()), name)
        && text.substr(at + name.size(), 1) == "=")
      return value(at + name.size() + 1);
  return {};
}

} // namespace

std::string masked(std::string_view text) {
  // What gives a secret away has one of these: most values have none.
  if (text.find_first_of("=: ") == std::string_view::npos)
    return std::string{text};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto secret = secret_at(text, at);
    if (secret.empty()) {
      out += text[at++];
      continue;
    }
    auto begin = static_cast<std::size_t>(secret.data() - text.data());
    out += text.substr(at, begin - at);
    out += "***";
    at = begin + secret.size();
  }
  return out;
}

} // namespace dubber
