#include "core/breaker.hpp"

namespace dubber {

breaker::state breaker::current(time_point now) const {
  if (!tripped_)
    return state::closed;
  return now < until_ ? state::open : state::half_open;
}

bool breaker::may_call(time_point now) const {
  switch (current(now)) {
  case state::closed:
    return true;
  case state::open:
    return false;
  default:
    return probes_ < policy_.half_open_calls;
  }
}

void breaker::granted(time_point now) {
  if (current(now) == state::half_open)
    ++probes_;
}

void breaker::trip(time_point now) {
  tripped_ = true;
  until_ = now + policy_.open;
  failures_ = 0;
  probes_ = 0;
}

void breaker::ended(bool blamed, time_point now) {
  auto was = current(now);
  if (was == state::open)
    return; // left before the breaker tripped: says nothing new
  if (!blamed) {
    failures_ = 0;
    probes_ = 0;
    tripped_ = false;
    return;
  }
  if (was == state::half_open || ++failures_ >= policy_.consecutive)
    trip(now);
}

void breaker::released(time_point now) {
  if (current(now) == state::half_open && probes_ > 0)
    --probes_;
}

std::optional<time_point> breaker::open_until(time_point now) const {
  if (current(now) != state::open)
    return std::nullopt;
  return until_;
}

std::string_view to_string(breaker::state state) {
  switch (state) {
  case breaker::state::closed:
    return "closed";
  case breaker::state::open:
    return "open";
  default:
    return "half_open";
  }
}

} // namespace dubber
