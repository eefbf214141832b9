#pragma once

#include "http/call.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Who may do what (INTERFACES, Safety).
///
///   listener      | open routes       | reading           | control
///   on loopback   | Host and Origin must be ours; no token is wanted
///   off loopback  | everybody         | a token           | a token; when none
///                 |                   |                   | is configured: 403
namespace dubber {

enum class guard {
  open,    ///< /orchestrate and the probes: what the platform calls
  read,    ///< shows something
  control, ///< changes something
};

struct access_rules {
  bool loopback = true; ///< the listener's address cannot be reached from afar
  std::string own_host; ///< HTTP_HOST, allowed in `Host` on loopback
  /// Whose token this is, in constant time; empty: no tokens are configured.
  std::function<std::optional<std::string>(std::string_view token)> owner;
};

/// The name of who asks (`local`, `anonymous` or the token's), for the history;
/// or the answer that refuses.
using access_verdict = std::variant<std::string, http_answer>;

access_verdict check_access(const access_rules& rules, const http_call_in& call,
                            guard wants);

} // namespace dubber
