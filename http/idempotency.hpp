#pragma once

#include "actors/coordinator.hpp"
#include "core/note.hpp"
#include "core/time.hpp"
#include "http/reply.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace dubber {

struct route_scope;

/// Remembers the answers of requests that came with an Idempotency-Key, so that
/// the same request gets the same answer, also from the next process: the key
/// is recorded together with what the request does, the answer before it is
/// given. Thread-safe.
///
///   begin: unknown ───────────► fresh, and the key is taken
///          taken ─────────────► running
///          answered ──────────► the stored answer
///          carried out by a process that died before it answered
///            ─────────────────► carried_out, and the key is taken
///          another request ───► mismatch
///   finish: taken ──► answered (kept for a time), when that is on disk
///   drop: taken ──► as it was before
class idempotency_store {
public:
  struct fresh {
    std::vector<note> notes; ///< to be recorded with what the request does
  };
  struct carried_out {};
  struct running {};
  struct mismatch {};
  using found
    = std::variant<fresh, carried_out, running, mismatch, http_answer>;

  virtual ~idempotency_store() = default;

  /// @param key With the caller's name: each has keys of its own.
  /// @param request Everything that makes two requests the same.
  virtual found begin(const std::string& key, const std::string& request) = 0;

  /// @param then With whether the answer may be given: it will be the same
  /// again. Not before it is on disk.
  virtual void finish(const std::string& key, const http_answer& answer,
                      std::function<void(bool)> then)
    = 0;

  /// The request came to nothing and may be made anew.
  virtual void drop(const std::string& key) = 0;
};

struct idempotency_limits {
  ms kept{86'400'000};
  std::size_t keys = 10'000; ///< the oldest answers are forgotten beyond
  std::size_t bytes = 16 * 1024 * 1024;
};

struct idempotency_setup {
  idempotency_limits limits = {};
  std::function<time_point()> now = {}; ///< for tests
  /// Has notes written, and tells whether they were; empty: all is forgotten
  /// with the process.
  std::function<void(std::vector<note>, std::function<void(bool)>)> keep = {};
  /// What was written before, of the area `request_area`.
  std::vector<note> kept = {};
};

/// Area of the notes about keyed requests (docs/journal-format.md).
inline constexpr const char* request_area = "request";

std::shared_ptr<idempotency_store>
make_idempotency_store(idempotency_setup setup = {});

/// What a route that changes something goes on with.
struct request_once {
  reply to;
  /// To be recorded with what the request does; none without a key.
  std::vector<note> notes;
};

/// For a route that changes something, when its request is known to be valid:
/// answers by itself when the request's key is known (409 while the first runs,
/// 422 for another request, the stored answer) or malformed (400), and yields
/// nothing.
/// @param answer_again Answers a request that was carried out, when nobody
/// knows with which answer.
std::optional<request_once>
take_once(const route_scope& scope,
          const std::function<void(const reply&)>& answer_again);

/// The same, for a request about one job.
/// @param answer_again The answer that fits the job as it is.
std::optional<request_once>
take_once(const route_scope& scope, std::int64_t job_id,
          http_answer (*answer_again)(const query_answer&));

} // namespace dubber
