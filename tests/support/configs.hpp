#pragma once

#include "app/config.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

/// Settings that are taken, and settings that are refused.
namespace dubber::test {

inline config good(const environment& env) {
  auto loaded = load_config(env);
  REQUIRE(std::holds_alternative<config>(loaded));
  return std::get<config>(loaded);
}

inline std::vector<std::string> bad(const environment& env) {
  auto loaded = load_config(env);
  REQUIRE(std::holds_alternative<std::vector<std::string>>(loaded));
  return std::get<std::vector<std::string>>(loaded);
}

inline bool names(const std::vector<std::string>& mistakes,
                  const std::string& name) {
  return std::any_of(mistakes.begin(), mistakes.end(), [&](const auto& each) {
    return each.find(name) != std::string::npos;
  });
}

} // namespace dubber::test
