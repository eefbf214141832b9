#include "clients/http/pool.hpp"

#include "clients/http/client_loop.hpp"

#include <algorithm>

namespace dubber::wire {

namespace {

using std::chrono::steady_clock;

} // namespace

pool::pool(client_loop& loop, url where)
  : loop_(loop), where_(std::move(where)) {
  // nop
}

void pool::tell() {
  if (loop_.observer)
    loop_.observer->connections(where_.authority, static_cast<int>(all_.size()),
                                static_cast<int>(idle_.size()));
}

void pool::submit(call_ptr what) {
  if (!what->repeated && !idle_.empty()) {
    auto* which = idle_.back();
    idle_.pop_back();
    auto keep = which->shared_from_this();
    tell();
    return which->start(std::move(what));
  }
  auto cap
    = static_cast<std::size_t>(std::max(loop_.limits.connections_per_host, 1));
  if (all_.size() >= cap && !idle_.empty())
    close_oldest_idle();
  if (all_.size() < cap)
    return open(std::move(what));
  if (loop_.waiting >= loop_.limits.max_queued)
    return loop_.finish(
      *what,
      fault{fault_code::busy, name() + ": too many calls are waiting", 0, {}});
  auto& one = *what;
  auto at = one.repeated ? line_.begin() : line_.end();
  one.place = line_.insert(at, std::move(what));
  one.queued = true;
  ++loop_.waiting;
}

void pool::withdraw(call& what) {
  what.queued = false;
  --loop_.waiting;
  line_.erase(what.place);
}

call_ptr pool::next_in_line() {
  auto out = line_.front();
  withdraw(*out);
  return out;
}

void pool::open(call_ptr what) {
  auto fresh = std::make_shared<connection>(loop_, *this);
  all_.push_back(fresh);
  fresh->place = std::prev(all_.end());
  tell();
  fresh->open(std::move(what));
}

void pool::free(connection& which) {
  if (!line_.empty() && !line_.front()->repeated)
    return which.start(next_in_line());
  which.idle_since = steady_clock::now();
  idle_.push_back(&which);
  if (!line_.empty())
    return close_oldest_idle(); // its place goes to the one that waits
  if (!is_linked())
    loop_.timers.arm(*this, which.idle_since + loop_.limits.idle_timeout);
  tell();
}

void pool::close_oldest_idle() {
  auto keep = idle_.front()->shared_from_this();
  keep->abort();
}

void pool::gone(connection& which) {
  auto at = std::find(idle_.begin(), idle_.end(), &which);
  if (at != idle_.end())
    idle_.erase(at);
  all_.erase(which.place);
  tell();
  // Later, so that a line of calls that all fail at once needs no deep stack.
  if (!line_.empty() && !shut_)
    loop_.later([this] {
      auto cap = static_cast<std::size_t>(
        std::max(loop_.limits.connections_per_host, 1));
      if (!line_.empty() && all_.size() < cap)
        open(next_in_line());
    });
}

void pool::on_deadline() {
  auto now = steady_clock::now();
  while (!idle_.empty()
         && idle_.front()->idle_since + loop_.limits.idle_timeout <= now)
    close_oldest_idle();
  if (!idle_.empty())
    loop_.timers.arm(*this,
                     idle_.front()->idle_since + loop_.limits.idle_timeout);
}

void pool::shut_down(const fault& why) {
  shut_ = true;
  loop_.timers.disarm(*this);
  while (!line_.empty())
    loop_.finish(*next_in_line(), why);
  while (!all_.empty()) {
    auto which = all_.front();
    auto what = which->take_call();
    which->abort();
    if (what)
      loop_.finish(*what, why);
  }
}

} // namespace dubber::wire
