#pragma once

#include "core/time.hpp"
#include "http/reply.hpp"

#include <memory>
#include <string>
#include <variant>

namespace dubber {

struct route_scope;

/// Remembers the answers of requests that came with an Idempotency-Key, so that
/// the same request gets the same answer. Thread-safe.
///
///   begin: unknown ──────────► fresh, and the key is taken
///          taken ────────────► running
///          answered ─────────► the stored answer
///          another request ──► mismatch
///   finish: taken ──► answered (kept for a time) · drop: taken ──► unknown
class idempotency_store {
public:
  struct fresh {};
  struct running {};
  struct mismatch {};
  using found = std::variant<fresh, running, mismatch, http_answer>;

  virtual ~idempotency_store() = default;

  /// @param key With the caller's name: each has keys of its own.
  /// @param request Everything that makes two requests the same.
  virtual found begin(const std::string& key, const std::string& request) = 0;

  virtual void finish(const std::string& key, const http_answer& answer) = 0;

  /// The request came to nothing and may be made anew.
  virtual void drop(const std::string& key) = 0;
};

struct idempotency_limits {
  ms kept{86'400'000};
  std::size_t keys = 10'000; ///< the oldest answers are forgotten beyond
  std::size_t bytes = 16 * 1024 * 1024;
};

/// In memory; forgets with the process. @param now For tests; a steady clock.
std::shared_ptr<idempotency_store>
make_idempotency_store(idempotency_limits limits = {},
                       std::function<ms()> now = {});

/// For a route that changes something, when its request is known to be valid:
/// answers by itself when the request's key is known (409 while the first runs,
/// 422 for another request, the stored answer) or malformed (400), and yields
/// nothing; else the reply that the route has to use.
std::optional<reply> reply_once(const route_scope& scope);

} // namespace dubber
