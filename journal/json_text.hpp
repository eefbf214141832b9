#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <concepts>
#include <string>
#include <string_view>

/// Compact JSON text: of a tree, or written straight for the records that are
/// most of all, without one.
namespace dubber {

/// Never throws: invalid UTF-8 is replaced.
inline std::string text_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A text in quotes; most have nothing to escape.
inline void add_quoted(std::string& out, const std::string& text) {
  auto plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (plain)
    out.append(1, '"').append(text).append(1, '"');
  else
    out += text_of(text);
}

/// An object, member by member: the same text as a tree's if they are added in
/// the order of their names.
class members {
public:
  members& add(std::string_view name, const std::string& value) {
    begin(name);
    add_quoted(text_, value);
    return *this;
  }
  members& add(std::string_view name, std::integral auto value) {
    begin(name);
    text_ += std::to_string(value);
    return *this;
  }
  /// @param value JSON text.
  members& add_json(std::string_view name, std::string_view value) {
    begin(name);
    text_ += value;
    return *this;
  }

  std::string text() {
    return std::move(text_ += '}');
  }

private:
  void begin(std::string_view name) {
    text_ += text_.size() == 1 ? "\"" : ",\"";
    text_.append(name).append("\":");
  }

  std::string text_ = "{";
};

} // namespace dubber
