#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dubber {

/// Who makes a call that several pieces of work need, of all jobs: the first
/// one leads, the others wait for its result.
///
///   ask --> leads --settled--> all have the result
///            |  ^
///       gone |  | the one that waits longest leads
///            v  |
///           waits --gone-->
class shared_calls {
public:
  enum class part { leads, waits };

  /// @param who Unique, for one ask.
  part ask(const std::string& key, std::uint64_t who);

  /// The result is there. @returns All who asked for it, the leader first.
  std::vector<std::uint64_t> settled(const std::string& key);

  /// Does not want it any more, or cannot have it.
  /// @returns Who leads from now on, if that has changed.
  std::optional<std::uint64_t> gone(std::uint64_t who);

  /// What was asked for; `who` has asked and is not gone.
  const std::string& key_of(std::uint64_t who) const {
    return asked_.at(who)->first;
  }

  /// Who leads to it; nobody: nobody asks for it.
  std::optional<std::uint64_t> leader(const std::string& key) const;

  std::size_t size() const {
    return asked_.size();
  }

private:
  using call_map = std::map<std::string, std::vector<std::uint64_t>>;

  call_map calls_; ///< leader first
  std::map<std::uint64_t, call_map::iterator> asked_;
};

} // namespace dubber
