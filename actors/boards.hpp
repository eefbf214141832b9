#pragma once

#include "core/learned_speed.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

/// What some actors write and others read without asking. Thread-safe.
namespace dubber {

/// A service whose breaker is not closed.
struct service_hold {
  std::optional<time_point> until; ///< nothing: half open, or opened by hand
};

/// Which services hold work, for those that show what a job waits for.
class hold_board {
public:
  void set(const std::string& service, std::optional<service_hold> hold) {
    std::lock_guard lock{mutex_};
    if (hold)
      holds_[service] = *hold;
    else
      holds_.erase(service);
  }

  std::optional<service_hold> of(const std::string& service) const {
    std::lock_guard lock{mutex_};
    auto i = holds_.find(service);
    return i == holds_.end() ? std::nullopt : std::optional{i->second};
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, service_hold> holds_;
};

/// What was learned of each service (`speed_key`), to be kept over restarts.
class speed_board {
public:
  using all = std::map<std::string, learned_speed::memory>;

  speed_board() = default;
  /// @param save Keeps all of it; may block.
  speed_board(all known, std::function<void(const all&)> save,
              bool changed = false)
    : all_(std::move(known)), changed_(changed), save_(std::move(save)) {
    // nop
  }
  speed_board& operator=(speed_board&& other) noexcept {
    all_ = std::move(other.all_);
    save_ = std::move(other.save_);
    changed_ = other.changed_;
    return *this;
  }

  learned_speed::memory of(const std::string& key) const {
    std::lock_guard lock{mutex_};
    auto i = all_.find(key);
    return i == all_.end() ? learned_speed::memory{} : i->second;
  }

  void keep(const std::string& key, learned_speed::memory what) {
    std::lock_guard lock{mutex_};
    all_[key] = std::move(what);
    changed_ = true;
  }

  /// The same, for those who come after the ones that wrote to this one.
  speed_board renewed() const {
    std::lock_guard lock{mutex_};
    return {all_, save_, changed_};
  }

  /// Has it kept, if there is anything new.
  void save() {
    std::unique_lock lock{mutex_};
    if (!save_ || !std::exchange(changed_, false))
      return;
    auto copy = all_;
    lock.unlock();
    save_(copy);
  }

private:
  mutable std::mutex mutex_;
  all all_;
  bool changed_ = false;
  std::function<void(const all&)> save_;
};

/// Of what an actor died.
struct death {
  std::string kind;         ///< of the actor
  std::uint64_t job_no = 0; ///< whose message it was handling; 0: unknown
  std::string why;
};

/// What actors say of themselves when they die from a bug.
class death_board {
public:
  void say(death what) {
    std::lock_guard lock{mutex_};
    said_ = std::move(what);
  }

  /// The last one, once.
  std::optional<death> take() {
    std::lock_guard lock{mutex_};
    return std::exchange(said_, std::nullopt);
  }

private:
  std::mutex mutex_;
  std::optional<death> said_;
};

} // namespace dubber
