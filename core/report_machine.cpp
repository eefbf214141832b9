#include "core/report_machine.hpp"

#include "core/overload.hpp"

#include <algorithm>
#include <utility>

namespace dubber {

namespace {

constexpr ms progress_interval{1'000};
constexpr ms first_check{1'000};
constexpr ms second_check{9'000}; // 10 s after the answer
constexpr ms first_backoff{1'000};
constexpr ms longest_backoff{60'000};

} // namespace

std::vector<report_machine::action> report_machine::on(const event& what) {
  return std::visit(overload{
                      [this](const progress& x) { return on_progress(x); },
                      [this](const owe& x) { return on_owe(x); },
                      [this](const patched& x) { return on_patched(x); },
                      [this](const got& x) { return on_got(x); },
                      [this](const timer&) { return on_timer(); },
                    },
                    what);
}

report_machine::actions report_machine::send_final() {
  state_ = state::final_patch;
  return {patch{*final_}};
}

report_machine::actions report_machine::back_off() {
  state_ = state::backing_off;
  auto length = first_backoff * (1 << std::min(failures_, 6));
  ++failures_;
  return {wait{std::min<ms>(length, longest_backoff), true}};
}

report_machine::actions report_machine::on_progress(const progress& x) {
  if (final_)
    return {};
  if (state_ != state::quiet) {
    next_ = x.update;
    return {};
  }
  state_ = state::patching;
  return {patch{x.update}};
}

report_machine::actions report_machine::on_owe(const owe& x) {
  if (final_)
    return {};
  final_ = x.final;
  next_.reset();
  // A call in flight is waited for: the gateway writes whole rows, and a late
  // progress would undo the final state.
  return state_ == state::patching ? actions{} : send_final();
}

report_machine::actions report_machine::on_patched(const patched& x) {
  if (state_ == state::patching) {
    if (final_)
      return send_final();
    state_ = state::resting;
    return {wait{progress_interval, false}};
  }
  if (state_ != state::final_patch)
    return {};
  if (!x.error) {
    failures_ = 0;
    checks_ = 0;
    state_ = state::waiting_to_check;
    actions out;
    if (!told_)
      out.push_back(told{});
    out.push_back(wait{first_check, false});
    told_ = true;
    return out;
  }
  if (x.error->http_status == 500 || x.error->code == fault_code::not_found) {
    state_ = state::asking_if_gone;
    return {get{}};
  }
  return back_off();
}

report_machine::actions report_machine::on_got(const got& x) {
  auto gone = x.error && x.error->code == fault_code::not_found;
  if (gone && (state_ == state::asking_if_gone || state_ == state::checking)) {
    state_ = state::over;
    return {delivered{"gone"}};
  }
  if (state_ == state::asking_if_gone)
    return back_off();
  if (state_ != state::checking)
    return {};
  if (x.error) {
    // Not seen, not refuted: look again later.
    state_ = state::waiting_to_check;
    auto length = first_backoff * (1 << std::min(failures_, 6));
    ++failures_;
    return {wait{std::min<ms>(length, longest_backoff), true}};
  }
  if (x.status != final_->status
      || (!final_->output_object_key.empty()
          && x.output_object_key != final_->output_object_key))
    return send_final();
  if (++checks_ == 2) {
    state_ = state::over;
    return {delivered{"seen"}};
  }
  state_ = state::waiting_to_check;
  return {wait{second_check, false}};
}

report_machine::actions report_machine::on_timer() {
  switch (state_) {
  case state::resting:
    state_ = state::quiet;
    if (auto next = std::exchange(next_, {}))
      return on_progress({*next});
    return {};
  case state::backing_off:
    return send_final();
  case state::waiting_to_check:
    state_ = state::checking;
    return {get{}};
  default:
    return {};
  }
}

} // namespace dubber
