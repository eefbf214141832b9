#include "http/trace.hpp"

#include <algorithm>

namespace dubber {

bool is_traceparent(std::string_view text) {
  // version "-" trace id "-" parent id "-" flags
  constexpr std::string_view form
    = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  auto fits = [](char c, char wanted) {
    auto is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    return wanted == 'x' ? is_hex : c == wanted;
  };
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), fits)
         && !text.starts_with("ff");
}

std::string traceparent_of(const http_call_in& call) {
  auto value = call.header("traceparent");
  return is_traceparent(value) ? std::string{value} : std::string{};
}

} // namespace dubber
