#include "http/idempotency.hpp"

#include "http/routes.hpp"

#include <exception>

namespace dubber {

namespace {

/// Gives the key back when the request ends without an answer worth keeping.
struct taken_key {
  taken_key(std::shared_ptr<idempotency_store> where, std::string what)
    : store(std::move(where)), key(std::move(what)) {
    // nop
  }
  taken_key(const taken_key&) = delete;
  taken_key& operator=(const taken_key&) = delete;
  ~taken_key() {
    store->drop(key); // has no effect on one that is finished
  }

  std::shared_ptr<idempotency_store> store;
  std::string key;
};

/// What may well end otherwise next time is not kept.
bool is_lasting(const http_answer& answer) {
  return answer.status < 500 && answer.status != 429;
}

/// Gives its answer when that is kept.
/// @param path Of the request, for problems: they are kept as they are shown.
reply remembering(const reply& to, std::shared_ptr<taken_key> taken,
                  const std::string& path) {
  auto give = [to, taken, path](const reply::make_answer& make) {
    http_answer answer;
    try {
      answer = make();
    } catch (...) { // answered where all of them are
      return to.later([why = std::current_exception()]() -> http_answer {
        std::rethrow_exception(why);
      });
    }
    if (!is_lasting(answer)) {
      taken->store->drop(taken->key); // before its caller can come again
      return to(std::move(answer));
    }
    render_problem(answer, path);
    answer.trouble.reset();
    taken->store->finish(taken->key, answer, [to, taken, answer](bool is_kept) {
      to(is_kept ? answer
                 : unavailable("journal_away",
                               "another process owns the journal by now", 5));
    });
  };
  return reply{std::move(give), {}}; // when lost, `to` goes and says so
}

bool is_proper(std::string_view key) {
  for (auto c : key)
    if (c < 0x21 || c > 0x7e)
      return false;
  return !key.empty() && key.size() <= 255;
}

void answer_known(const reply& to, const idempotency_store::found& what) {
  if (auto stored = std::get_if<http_answer>(&what)) {
    auto again = *stored;
    again.headers.emplace_back("Idempotency-Replayed", "true");
    return to(std::move(again));
  }
  if (std::holds_alternative<idempotency_store::mismatch>(what))
    return to(invalid({{{"header", "Idempotency-Key"},
                        "was used with another request before"}}));
  auto busy = problem(409, "in_progress",
                      "the first request with this Idempotency-Key is not "
                      "answered yet");
  busy.trouble->retryable = true;
  busy.headers.emplace_back("Retry-After", "1");
  to(std::move(busy));
}

} // namespace

std::optional<request_once>
take_once(const route_scope& scope,
          const std::function<void(const reply&)>& answer_again) {
  auto& call = scope.call;
  auto& store = scope.with.answered;
  if (!store || call.count("Idempotency-Key") == 0)
    return request_once{scope.to, {}};
  auto value = call.header("Idempotency-Key");
  if (call.count("Idempotency-Key") > 1 || !is_proper(value)) {
    scope.to(problem(400, "bad_idempotency_key",
                     "Idempotency-Key has to be one value of 1 to 255 visible "
                     "ASCII characters"));
    return std::nullopt;
  }
  auto key = scope.by + '\n' + std::string{value};
  auto found
    = store->begin(key, call.method + ' ' + call.path + '\n' + call.body);
  auto fresh = std::get_if<idempotency_store::fresh>(&found);
  if (!fresh
      && !std::holds_alternative<idempotency_store::carried_out>(found)) {
    answer_known(scope.to, found);
    return std::nullopt;
  }
  auto to
    = remembering(scope.to, std::make_shared<taken_key>(store, key), call.path);
  if (fresh)
    return request_once{std::move(to), std::move(fresh->notes)};
  answer_again(to);
  return std::nullopt;
}

std::optional<request_once>
take_once(const route_scope& scope, std::int64_t job_id,
          http_answer (*answer_again)(const query_answer&)) {
  return take_once(scope, [&](const reply& to) {
    job_query query;
    query.job_id = job_id;
    scope.with.jobs.ask(query, [to, answer_again](query_answer a) {
      to.later([a = std::move(a), answer_again] { return answer_again(a); });
    });
  });
}

} // namespace dubber
