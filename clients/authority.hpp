#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The parts that URLs of brokers have in common.
namespace dubber {

/// Who and where; what is not said stays empty.
struct authority {
  std::string user;
  std::string password;
  std::string host;
  std::optional<std::uint16_t> port;
};

/// Reads `[user[:password]@][host][:port]`.
/// @return what is wrong, for people; empty: nothing.
std::string read_authority(std::string_view text, authority& into);

/// Nothing when a `%` is not followed by two hexadecimal digits, or the text
/// has a zero byte: the protocols' own libraries end names there.
std::optional<std::string> unquoted(std::string_view text);

/// What a URL may not have in it as it is; empty: nothing.
std::string unprintable_mistake(std::string_view url);

/// The whole text as a number.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number out{};
  auto [end, error]
    = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return out;
}

} // namespace dubber
