#pragma once

#include "http/call.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dubber {

/// A request that nobody has answered yet.
struct open_request {
  using clock = std::chrono::steady_clock;

  std::string method;
  std::string path;                   ///< the problem's `instance`
  std::string_view route = "unknown"; ///< for metrics
  clock::time_point begun;
  /// Puts the answer on the wire.
  std::function<void(http_answer)> write;
};

/// All requests between their arrival and the end of their answer's writing, in
/// the order of their arrival. Belongs to one thread.
///
///   arrived ──► open ──take──► being written ──written──► gone
class open_requests {
public:
  using id = std::uint64_t;

  id arrived(open_request what) {
    auto key = ++last_;
    open_.emplace(key, std::move(what));
    unwritten_.insert(key);
    return key;
  }

  /// Whoever comes first answers: nothing when it was taken already.
  std::optional<open_request> take(id key) {
    auto found = open_.extract(key);
    if (found.empty())
      return std::nullopt;
    return std::move(found.mapped());
  }

  open_request* find(id key) {
    auto i = open_.find(key);
    return i == open_.end() ? nullptr : &i->second;
  }

  void written(id key) {
    unwritten_.erase(key);
  }

  /// How many are not answered.
  std::size_t size() const {
    return open_.size();
  }

  /// The newest that ever arrived.
  id last() const {
    return last_;
  }

  /// Whether all up to this one are answered and written.
  bool settled(id key) const {
    return unwritten_.empty() || *unwritten_.begin() > key;
  }

  /// When the oldest began.
  std::optional<open_request::clock::time_point> oldest() const {
    if (open_.empty())
      return std::nullopt;
    return open_.begin()->second.begun;
  }

  /// Those that began at `then` or before.
  std::vector<id> begun_by(open_request::clock::time_point then) const {
    std::vector<id> out;
    for (auto& [key, what] : open_) {
      if (what.begun > then)
        break;
      out.push_back(key);
    }
    return out;
  }

private:
  id last_ = 0;
  std::map<id, open_request> open_;
  std::set<id> unwritten_;
};

} // namespace dubber
