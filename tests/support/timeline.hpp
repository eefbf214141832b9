#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace dubber::test {

/// What the doubles do later, in the order of time and then of asking. Time
/// passes only when somebody says so.
class timeline {
public:
  explicit timeline(time_point start = time_point{ms{1'700'000'000'000}})
    : now_(start) {
    // nop
  }

  time_point now() const {
    return now_;
  }

  /// Has `what` done `delay` from now. Returns its number, for `cancel`.
  std::uint64_t after(ms delay, std::function<void()> what) {
    due_.emplace(std::pair{now_ + delay, ++last_}, std::move(what));
    return last_;
  }

  void cancel(std::uint64_t number) {
    for (auto i = due_.begin(); i != due_.end(); ++i)
      if (i->first.second == number) {
        due_.erase(i);
        return;
      }
  }

  /// When something is due next.
  std::optional<time_point> next() const {
    if (due_.empty())
      return std::nullopt;
    return due_.begin()->first.first;
  }

  /// It is `t` now; what is due is not done yet.
  void set(time_point t) {
    now_ = t;
  }

  /// How many things are due by now.
  std::size_t due() const {
    std::size_t n = 0;
    for (auto i = due_.begin(); i != due_.end() && i->first.first <= now_; ++i)
      ++n;
    return n;
  }

  /// Does one thing that is due by now; false when there is none.
  /// @param which By its place in their order.
  bool do_one(std::size_t which = 0) {
    auto i = due_.begin();
    for (; which > 0 && i != due_.end(); --which)
      ++i;
    if (i == due_.end() || i->first.first > now_)
      return false;
    auto what = std::move(i->second);
    due_.erase(i);
    what();
    return true;
  }

private:
  time_point now_;
  std::uint64_t last_ = 0;
  std::map<std::pair<time_point, std::uint64_t>, std::function<void()>> due_;
};

} // namespace dubber::test
