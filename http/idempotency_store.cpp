#include "http/idempotency.hpp"
#include "http/kept_request.hpp"
#include "metrics/log.hpp"
#include "metrics/wall_clock.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <mutex>
#include <unordered_map>

namespace dubber {

namespace {

class kept_store : public idempotency_store,
                   public std::enable_shared_from_this<kept_store> {
public:
  explicit kept_store(idempotency_setup setup)
    : limits_(setup.limits), now_(setup.now ? std::move(setup.now) : wall_now),
      keep_(std::move(setup.keep)) {
    load(std::move(setup.kept));
    forget_old();
  }

  found begin(const std::string& key, const std::string& request) override {
    std::lock_guard lock{mutex_};
    forget_old();
    auto i = by_key_.find(key);
    if (i == by_key_.end()) {
      kept_request what{key, request, now_(), std::nullopt};
      fresh out{{note_of(what)}};
      add({std::move(what), true, false});
      return out;
    }
    auto& known = *i->second;
    if (known.what.request != request)
      return mismatch{};
    if (known.running)
      return running{};
    if (known.what.answer)
      return *known.what.answer;
    known.running = true;
    return carried_out{};
  }

  void finish(const std::string& key, const http_answer& answer,
              std::function<void(bool)> then) override {
    std::unique_lock lock{mutex_};
    forget_old();
    auto i = by_key_.find(key);
    if (i == by_key_.end() || !i->second->running) {
      lock.unlock();
      return then(true);
    }
    auto what = i->second->what;
    what.answer = answer;
    auto notes = std::exchange(forgotten_, {});
    notes.push_back(note_of(what));
    lock.unlock();
    auto settle = [self = shared_from_this(), what = std::move(what),
                   then = std::move(then)](bool is_kept) {
      if (is_kept)
        self->settle(what);
      else
        self->drop(what.key);
      then(is_kept);
    };
    if (keep_)
      keep_(std::move(notes), std::move(settle));
    else
      settle(true);
  }

  void drop(const std::string& key) override {
    std::lock_guard lock{mutex_};
    auto i = by_key_.find(key);
    if (i == by_key_.end() || !i->second->running)
      return;
    if (i->second->carried_out)
      i->second->running = false;
    else
      erase(i->second);
  }

private:
  struct entry {
    kept_request what;
    bool running;
    bool carried_out; ///< by a process before this one
  };
  using entry_list = std::list<entry>; // in the order of `at`

  static std::size_t bytes_of(const kept_request& what) {
    return what.key.size() + what.request.size()
           + (what.answer ? what.answer->body.size() : 0);
  }

  void load(std::vector<note> kept) {
    std::stable_sort(kept.begin(), kept.end(),
                     [](auto& a, auto& b) { return a.at < b.at; });
    for (auto& x : kept)
      if (auto what = request_of(x)) {
        auto unanswered = !what->answer;
        add({std::move(*what), false, unanswered});
      } else {
        log::write(log::level::error, "http.key_unreadable",
                   {{"reason", what.error().message}});
        forgotten_.push_back({x.area, x.name, {}, x.at});
      }
  }

  void add(entry x) {
    bytes_ += bytes_of(x.what);
    auto key = x.what.key;
    entries_.push_back(std::move(x));
    by_key_[std::move(key)] = std::prev(entries_.end());
  }

  void settle(const kept_request& what) {
    std::lock_guard lock{mutex_};
    auto i = by_key_.find(what.key);
    if (i == by_key_.end() || !i->second->running)
      return;
    bytes_ += bytes_of(what) - bytes_of(i->second->what);
    i->second->what = what;
    i->second->running = false;
    forget_old();
  }

  /// Requests that run are passed over: as many as there may be in flight.
  void forget_old() {
    for (auto i = entries_.begin(); i != entries_.end();) {
      auto expired = now_() - i->what.at >= limits_.kept;
      auto full = entries_.size() > limits_.keys || bytes_ > limits_.bytes;
      if (!expired && !full)
        return;
      auto next = std::next(i);
      if (!i->running) {
        forgotten_.push_back({request_area, i->what.key, {}, i->what.at});
        erase(i);
      }
      i = next;
    }
  }

  void erase(entry_list::iterator i) {
    bytes_ -= bytes_of(i->what);
    by_key_.erase(i->what.key);
    entries_.erase(i);
  }

  idempotency_limits limits_;
  std::function<time_point()> now_;
  std::function<void(std::vector<note>, std::function<void(bool)>)> keep_;
  std::mutex mutex_;
  entry_list entries_;
  std::unordered_map<std::string, entry_list::iterator> by_key_;
  std::size_t bytes_ = 0;
  std::vector<note> forgotten_; ///< goes to disk with the next answer
};

} // namespace

std::shared_ptr<idempotency_store>
make_idempotency_store(idempotency_setup setup) {
  return std::make_shared<kept_store>(std::move(setup));
}

} // namespace dubber
