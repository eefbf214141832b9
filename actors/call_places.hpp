#pragma once

#include "core/call_pool.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace dubber {

/// The places for open calls, for all gates together (core/call_pool.hpp).
/// Thread-safe.
class call_places {
public:
  /// Before anybody takes one.
  void set_limit(std::size_t limit) {
    std::lock_guard lock{mutex_};
    pool_ = call_pool{limit};
  }

  void add(const std::string& service) {
    std::lock_guard lock{mutex_};
    pool_.add(service);
  }

  bool take(const std::string& service) {
    std::lock_guard lock{mutex_};
    return pool_.take(service);
  }

  void give_back(const std::string& service) {
    std::lock_guard lock{mutex_};
    pool_.give_back(service);
  }

  void wants_none(const std::string& service) {
    std::lock_guard lock{mutex_};
    pool_.wants_none(service);
  }

  std::optional<std::string> wake() {
    std::lock_guard lock{mutex_};
    return pool_.wake();
  }

  /// Whether the service's calls wait for others to end, at other services too.
  bool holds_back(std::string_view service) const {
    std::lock_guard lock{mutex_};
    return pool_.is_wanting(service);
  }

  std::size_t open() const {
    std::lock_guard lock{mutex_};
    return pool_.open();
  }

  std::size_t limit() const {
    std::lock_guard lock{mutex_};
    return pool_.limit();
  }

private:
  mutable std::mutex mutex_;
  call_pool pool_{default_open_calls};
};

} // namespace dubber
