#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dubber {

/// The tokens of `API_TOKENS_FILE`: one a line as `name:token`, `#` begins a
/// comment line. Holds hashes only.
class api_tokens {
public:
  /// Every mistake there is, each with its line's number; also when somebody
  /// other than owner and group may read the file, or when it has no token.
  static std::variant<api_tokens, std::vector<std::string>>
  load(const std::filesystem::path& file);

  /// The name of who has this token. Takes as long for a wrong one as for a
  /// right one.
  std::optional<std::string> owner(std::string_view token) const;

  std::size_t size() const {
    return entries_.size();
  }

private:
  struct entry {
    std::string name;
    std::string sha256;
  };

  /// Returns what is wrong with the line, or nothing.
  std::string add(std::string_view line);

  std::vector<entry> entries_;
};

} // namespace dubber
