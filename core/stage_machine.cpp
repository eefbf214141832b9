#include "core/stage_machine.hpp"

#include "core/overload.hpp"
#include "core/retry_schedule.hpp"

namespace dubber {

namespace {

/// A full disk is looked at again after this time, a full queue after that.
constexpr ms hold_pause{5'000};
constexpr ms queue_pause{1'000};

} // namespace

std::vector<stage_machine::action> stage_machine::on_failed(const failed& x,
                                                            double chance) {
  auto& why = x.why;
  auto number = attempt();
  std::vector<action> out{end_permit{blames_service(why.code)}};
  if (is_hold(why.code) && x.held < setup_.max_hold) {
    state_ = state::pausing;
    out.push_back(pause{hold_pause, "disk"});
  } else if (auto length
             = dubber::next_pause(setup_.retry, number, why, chance);
             length && x.spent + *length < setup_.total_timeout) {
    state_ = state::recording;
    next_pause_ = *length;
    out.push_back(record_failure{number, why, *length});
  } else {
    state_ = state::gave_up;
    out.push_back(give_up{number, why});
  }
  return out;
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
                          return {pause{setup_.first_pause, "retry"}};
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
                          return {pause{queue_pause, "permit"}};
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
                      [&](const expired& x) -> actions {
                        if (from(state::asking, state::gave_up))
                          return {give_up{attempt(), x.why}};
                        return {};
                      },
                      [&](const recorded&) -> actions {
                        if (!from(state::recording, state::pausing))
                          return {};
                        ++setup_.failed_attempts;
                        return {pause{next_pause_, "retry"}};
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
