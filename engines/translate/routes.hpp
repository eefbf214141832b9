#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dubber {

/// The modes between two languages, of those that are installed: a direct one,
/// else two that meet in Spanish; empty when there is no way.
class route_table {
public:
  explicit route_table(std::set<std::string> installed);

  /// Languages as normal_language() writes them.
  std::vector<std::string> route(const std::string& from,
                                 const std::string& to) const;

  /// Every pair that there is a way for, sorted.
  std::vector<std::pair<std::string, std::string>> pairs() const;

  /// Where one can get to from a language, sorted.
  std::vector<std::string> targets(const std::string& from) const;

  /// All modes that a table can use.
  static std::vector<std::string> known_modes();

  /// `en-US` and `EN` are `en`, and `pt_BR` is `pt-br`, which has a mode of its
  /// own; empty when it is no language tag.
  std::string normal_language(std::string_view tag) const;

private:
  std::string direct(const std::string& from, const std::string& to) const;

  std::set<std::string> installed_;
};

} // namespace dubber
