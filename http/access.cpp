#include "http/access.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr const char* challenge = "Bearer realm=\"dubber-orchestrator\"";

struct authority {
  std::string_view host; ///< with brackets when it is an IPv6 address
  std::string_view port;
};

authority split(std::string_view text) {
  auto colon
    = text.starts_with('[') ? text.find(':', text.find(']')) : text.find(':');
  if (colon == std::string_view::npos)
    return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_ours(const access_rules& rules, const authority& asked) {
  auto host = asked.host;
  if (!std::all_of(asked.port.begin(), asked.port.end(),
                   [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  for (std::string_view name : {"localhost", "127.0.0.1", "[::1]"})
    if (same_word(host, name))
      return true;
  return same_word(host, rules.own_host)
         || same_word(host, "[" + rules.own_host + "]");
}

/// A page that was loaded from this very server has it as its origin.
bool same_origin(std::string_view origin, std::string_view own) {
  constexpr std::string_view scheme = "http://";
  if (!same_word(origin.substr(0, scheme.size()), scheme))
    return false;
  auto theirs = split(origin.substr(scheme.size()));
  auto ours = split(own);
  auto port = [](const authority& a) {
    return a.port.empty() ? std::string_view{"80"} : a.port;
  };
  return same_word(theirs.host, ours.host) && port(theirs) == port(ours);
}

access_verdict check_local(const access_rules& rules,
                           const http_call_in& call) {
  auto host = call.header("Host");
  if (!is_ours(rules, split(host)))
    return problem(403, "foreign_host",
                   "this server listens on loopback only: the Host header has "
                   "to name localhost, 127.0.0.1 or [::1]");
  auto origins = call.count("Origin");
  if (origins > 1
      || (origins == 1 && !same_origin(call.header("Origin"), host)))
    return problem(403, "foreign_origin",
                   "this server listens on loopback only and takes no "
                   "requests from pages of other origins");
  return std::string{"local"};
}

/// Whose token came along; nothing when there is none or it is not known.
std::optional<std::string> bearer(const access_rules& rules,
                                  const http_call_in& call) {
  constexpr std::string_view scheme = "Bearer ";
  auto value = call.header("Authorization");
  if (!rules.owner || call.count("Authorization") != 1
      || !same_word(value.substr(0, scheme.size()), scheme))
    return std::nullopt;
  value.remove_prefix(scheme.size());
  while (value.starts_with(' '))
    value.remove_prefix(1);
  return rules.owner(value);
}

http_answer unauthorized(const access_rules& rules, const http_call_in& call) {
  auto sent = call.count("Authorization") > 0;
  auto out = problem(401, "unauthorized",
                     !rules.owner
                       ? "reading off loopback wants a bearer token, and this "
                         "server has none configured (API_TOKENS_FILE)"
                     : sent ? "the Authorization header holds no token that "
                              "is known here"
                            : "a bearer token is wanted: Authorization: "
                              "Bearer <token>");
  out.headers.emplace_back(
    "WWW-Authenticate",
    sent ? std::string{challenge} + ", error=\"invalid_token\"" : challenge);
  return out;
}

} // namespace

access_verdict check_access(const access_rules& rules, const http_call_in& call,
                            guard wants) {
  if (call.count("Host") > 1)
    return problem(400, "bad_host", "there is more than one Host header");
  std::string otherwise = "anonymous";
  if (rules.loopback) {
    auto verdict = check_local(rules, call);
    if (std::holds_alternative<http_answer>(verdict))
      return verdict;
    otherwise = std::get<std::string>(verdict);
  }
  if (auto name = bearer(rules, call))
    return *name;
  if (rules.loopback || wants == guard::open)
    return otherwise;
  if (wants == guard::control && !rules.owner)
    return problem(403, "no_tokens",
                   "control is off: this server can be reached from other "
                   "machines and has no API tokens (API_TOKENS_FILE)");
  return unauthorized(rules, call);
}

} // namespace dubber
