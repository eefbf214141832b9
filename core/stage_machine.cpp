#include "core/stage_machine.hpp"

#include "core/overload.hpp"
#include "core/retry_schedule.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// A full disk is looked at again after this time, a full queue after that.
constexpr ms hold_pause{5'000};
constexpr ms queue_pause{1'000};

/// Whether the service was there and failed: so may the work be at fault.
bool was_answered(fault_code code) {
  return code == fault_code::server_error || code == fault_code::bad_answer
         || code == fault_code::timeout;
}

} // namespace

/// The attempt is charged; another one follows or none.
stage_machine::action stage_machine::settle(const failed& x, double chance) {
  auto number = attempt();
  auto length = dubber::next_pause(setup_.retry, number, x.why, chance);
  if (!length || x.spent + *length >= setup_.total_timeout) {
    state_ = state::gave_up;
    return give_up{number, x.why};
  }
  state_ = state::recording;
  next_pause_ = *length;
  return record_failure{number, x.why, *length};
}

std::vector<stage_machine::action> stage_machine::on_failed(const failed& x,
                                                            double chance) {
  auto code = x.why.code;
  if (is_hold(code) && x.held < setup_.max_hold) {
    state_ = state::pausing;
    return {end_permit{false}, pause{hold_pause, work_wait::disk}};
  }
  auto blamed
    = blames_service(code) && !(x.maybe_too_long && was_answered(code));
  if (!blamed)
    return {end_permit{false}, settle(x, chance)};
  state_ = state::judging;
  judged_ = x;
  return {end_permit{true}};
}

/// How long failures of this kind are the fault of a service that is down.
ms stage_machine::patience(fault_code code) const {
  if (code == fault_code::bad_answer)
    return ms{0}; // it is there, and makes nothing of this work
  return was_answered(code) ? std::min(doubt, setup_.max_hold)
                            : setup_.max_hold;
}

std::vector<stage_machine::action> stage_machine::on_judged(const judged& x,
                                                            double chance) {
  auto was = std::move(*judged_);
  judged_.reset();
  auto forgivable = was.down < patience(was.why.code);
  if (x.service_down && forgivable) {
    state_ = state::asking;
    forgiven_ = true;
    return {forgive{was.why}, ask_permit{}};
  }
  auto next = settle(was, chance);
  // Too few calls for the breaker to open: the last attempt waits for it.
  if (state_ == state::gave_up && x.only_failures && forgivable
      && was.spent < setup_.total_timeout) {
    state_ = state::pausing;
    forgiven_ = true;
    return {forgive{was.why}, pause{setup_.retry.cap, work_wait::retry}};
  }
  return {std::move(next)};
}

std::vector<stage_machine::action> stage_machine::on(const event& what,
                                                     double chance) {
  using actions = std::vector<action>;
  auto from = [this](state expected, state next) {
    if (state_ != expected)
      return false;
    state_ = next;
    return true;
  };
  return std::visit(overload{
                      [&](const start&) -> actions {
                        if (setup_.first_pause > ms{0}
                            && from(state::idle, state::pausing))
                          return {pause{setup_.first_pause, work_wait::retry}};
                        if (from(state::idle, state::asking))
                          return {ask_permit{}};
                        return {};
                      },
                      [&](const granted&) -> actions {
                        if (from(state::asking, state::calling))
                          return {call{attempt()}};
                        return {};
                      },
                      [&](const queue_full&) -> actions {
                        if (from(state::asking, state::pausing))
                          return {pause{queue_pause, work_wait::permit}};
                        return {};
                      },
                      [&](const replied&) -> actions {
                        if (from(state::calling, state::done))
                          return {end_permit{false}, finish{attempt()}};
                        return {};
                      },
                      [&](const failed& x) -> actions {
                        if (state_ != state::calling)
                          return {};
                        return on_failed(x, chance);
                      },
                      [&](const judged& x) -> actions {
                        if (state_ != state::judging)
                          return {};
                        return on_judged(x, chance);
                      },
                      [&](const expired& x) -> actions {
                        if (from(state::asking, state::gave_up))
                          return {give_up{attempt(), x.why}};
                        return {};
                      },
                      [&](const recorded&) -> actions {
                        if (!from(state::recording, state::pausing))
                          return {};
                        ++setup_.failed_attempts;
                        return {pause{next_pause_, work_wait::retry}};
                      },
                      [&](const pause_over&) -> actions {
                        if (from(state::pausing, state::asking))
                          return {ask_permit{}};
                        return {};
                      },
                    },
                    what);
}

} // namespace dubber
