#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dubber {

inline constexpr std::size_t default_open_calls = 2'000;

/// The bound on the calls that are open at once, over all services together
/// (MAX_OPEN_CALLS). Whoever lets a call out takes a place here first.
///
///   take --there is a place, and nobody goes before--> open --give_back-->
///   gone
///     |                                                         |
///     +--no--> wanting --wake: its turn, take it--------------->+
///                 +--wants_none (nothing to call any more)--> gone
///
/// Next is who has fewest open calls; of equals, who has wanted longest. A
/// place is kept for each service that has none: calls that take hours, of one
/// service, do not shut out the calls of another.
class call_pool {
public:
  explicit call_pool(std::size_t limit) : limit_(limit) {
    // nop
  }

  /// Those for whom a place is kept.
  void add(const std::string& service) {
    users_.try_emplace(service);
  }

  /// False: the service is noted as wanting, and woken when it is its turn.
  bool take(const std::string& service);

  void give_back(const std::string& service);

  /// The service has nothing to call, or may not.
  void wants_none(const std::string& service);

  /// Who has to be told that it may take a place now, if anybody; once each
  /// time. To be asked after each change, until there is nobody.
  std::optional<std::string> wake();

  std::size_t open() const {
    return open_;
  }
  std::size_t limit() const {
    return limit_;
  }
  /// Whether the service wants more than it gets.
  bool is_wanting(std::string_view service) const;

private:
  struct user {
    std::size_t open = 0;
    std::optional<std::uint64_t> wants_since; ///< turn
    bool woken = false;
  };

  using user_map = std::map<std::string, user, std::less<>>;

  bool has_place_for(const user& x) const;
  /// The one of those that want whose turn it is.
  user_map::iterator first();

  std::size_t limit_;
  std::size_t open_ = 0;
  std::uint64_t turn_ = 0;
  user_map users_;
};

} // namespace dubber
