#include "http/idempotency.hpp"

#include "http/routes.hpp"

#include <chrono>
#include <list>
#include <mutex>
#include <unordered_map>

namespace dubber {

namespace {

ms steady_now() {
  return std::chrono::duration_cast<ms>(
    std::chrono::steady_clock::now().time_since_epoch());
}

class memory_store : public idempotency_store {
public:
  memory_store(idempotency_limits limits, std::function<ms()> now)
    : limits_(limits), now_(now ? std::move(now) : steady_now) {
    // nop
  }

  found begin(const std::string& key, const std::string& request) override {
    std::lock_guard lock{mutex_};
    forget_old();
    auto i = by_key_.find(key);
    if (i == by_key_.end()) {
      entries_.push_back({key, request, now_(), std::nullopt});
      by_key_[key] = std::prev(entries_.end());
      bytes_ += key.size() + request.size();
      return fresh{};
    }
    if (i->second->request != request)
      return mismatch{};
    if (!i->second->answer)
      return running{};
    return *i->second->answer;
  }

  void finish(const std::string& key, const http_answer& answer) override {
    std::lock_guard lock{mutex_};
    auto i = by_key_.find(key);
    if (i == by_key_.end() || i->second->answer)
      return;
    i->second->answer = answer;
    bytes_ += answer.body.size();
    forget_old();
  }

  void drop(const std::string& key) override {
    std::lock_guard lock{mutex_};
    auto i = by_key_.find(key);
    if (i != by_key_.end() && !i->second->answer)
      erase(i->second);
  }

private:
  struct entry {
    std::string key;
    std::string request;
    ms since;
    std::optional<http_answer> answer;
  };
  using entry_list = std::list<entry>; // in the order of `since`

  /// Requests that run are passed over: as many as there may be in flight.
  void forget_old() {
    for (auto i = entries_.begin(); i != entries_.end();) {
      auto expired = now_() - i->since >= limits_.kept;
      auto full = entries_.size() > limits_.keys || bytes_ > limits_.bytes;
      if (!expired && !full)
        return;
      auto next = std::next(i);
      if (expired || i->answer)
        erase(i);
      i = next;
    }
  }

  void erase(entry_list::iterator i) {
    bytes_ -= i->key.size() + i->request.size()
              + (i->answer ? i->answer->body.size() : 0);
    by_key_.erase(i->key);
    entries_.erase(i);
  }

  idempotency_limits limits_;
  std::function<ms()> now_;
  std::mutex mutex_;
  entry_list entries_;
  std::unordered_map<std::string, entry_list::iterator> by_key_;
  std::size_t bytes_ = 0;
};

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

reply remembering(const reply& to, std::shared_ptr<taken_key> taken) {
  auto give = [to, taken](reply::make_answer make) {
    to.later([make = std::move(make), taken] {
      auto answer = make();
      if (is_lasting(answer))
        taken->store->finish(taken->key, answer);
      return answer;
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

std::shared_ptr<idempotency_store>
make_idempotency_store(idempotency_limits limits, std::function<ms()> now) {
  return std::make_shared<memory_store>(limits, std::move(now));
}

std::optional<reply> reply_once(const route_scope& scope) {
  auto& call = scope.call;
  auto& store = scope.with.answered;
  if (!store || call.count("Idempotency-Key") == 0)
    return scope.to;
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
  if (!std::holds_alternative<idempotency_store::fresh>(found)) {
    answer_known(scope.to, found);
    return std::nullopt;
  }
  return remembering(scope.to, std::make_shared<taken_key>(store, key));
}

} // namespace dubber
