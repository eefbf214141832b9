#pragma once

#include <caf/send.hpp>

#include <utility>

namespace dubber {

/// A place that another actor keeps; given back when it goes, also with an
/// actor that died (docs/adr/0002).
/// @tparam Name What the other one knows it by; sent with the withdrawal.
/// @param Withdraw The atom that says so.
template <class Actor, class Name, auto Withdraw>
class place {
public:
  place() = default;
  place(Actor where, Name who)
    : where_(std::move(where)), who_(std::move(who)) {
    // nop
  }
  place(place&& other) noexcept
    : where_(other.leave()), who_(std::move(other.who_)) {
    // nop
  }
  place& operator=(place&& other) noexcept {
    if (this != &other) {
      give_back();
      where_ = other.leave();
      who_ = std::move(other.who_);
    }
    return *this;
  }
  ~place() {
    give_back();
  }

  bool is_held() const {
    return static_cast<bool>(where_);
  }

  const Name& who() const {
    return who_;
  }

protected:
  /// Gives it up without a word. @returns Who kept it.
  Actor leave() {
    return std::exchange(where_, Actor{});
  }

private:
  void give_back() {
    if (auto where = leave())
      caf::anon_send(where, Withdraw, who_);
  }

  Actor where_;
  Name who_{};
};

} // namespace dubber
