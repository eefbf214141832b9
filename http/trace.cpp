#include "http/trace.hpp"

#include <algorithm>

namespace dubber {

std::string traceparent_of(const http_call_in& call) {
  // version "-" trace id "-" parent id "-" flags
  constexpr std::string_view form
    = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  auto value = call.header("traceparent");
  auto fits = [](char c, char wanted) {
    auto is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    return wanted == 'x' ? is_hex : c == wanted;
  };
  if (!std::equal(value.begin(), value.end(), form.begin(), form.end(), fits)
      || value.starts_with("ff"))
    return {};
  return std::string{value};
}

} // namespace dubber
