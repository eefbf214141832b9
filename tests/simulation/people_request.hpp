#pragma once

#include "tests/simulation/people.hpp"

namespace dubber::sim {

/// One request: it is answered once, unless who should answer died meanwhile.
class people::request {
public:
  request(referee& judge, std::string name, time_point now)
    : judge_(judge), name_(std::move(name)), begun_(now) {
    // nop
  }

  ~request() {
    judge_.demand(answered_ || judge_.death_since(begun_),
                  name_ + " was never answered");
    if (!answered_ && on_lost)
      on_lost();
  }

  request(const request&) = delete;
  request& operator=(const request&) = delete;

  void answered() {
    judge_.demand(!answered_, name_ + " was answered twice");
    answered_ = true;
  }

  /// Who should have answered is dead.
  std::function<void()> on_lost;

private:
  referee& judge_;
  std::string name_;
  time_point begun_;
  bool answered_ = false;
};

} // namespace dubber::sim
