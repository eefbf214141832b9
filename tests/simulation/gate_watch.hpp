#pragma once

#include "actors/stage.hpp"
#include "tests/simulation/gate_model.hpp"
#include "tests/simulation/referee.hpp"

#include <map>

namespace dubber::sim {

using stage_impl = stage_process;

/// Looks at every message that a gate of one process handles, and at what comes
/// of it, and has a model of its own say what should.
class gate_watch {
public:
  gate_watch(referee& judge, const test::timeline& time)
    : judge_(judge), time_(time) {
    // nop
  }

  /// The gates of a process that begins.
  void begin(const context& ctx);

  /// The actor is about to handle its next message. @returns Whether it is a
  /// gate: then it has to be looked at when it has.
  bool before(const caf::resumable* who);
  void after(const caf::resumable* who);

  /// Nobody can act before time passes: whoever waits has a reason.
  void at_rest();

private:
  struct watched {
    std::string service;
    const gate_state* real;
    gate_model model;
    /// Who is told of the failure that is handled now.
    const stage_impl* to_be_told = nullptr;
  };

  void hear(watched& gate, const caf::type_erased_tuple& message);
  void hear(watched& gate, const permit_end& x);
  void hear(watched& gate, const gate_order& x);
  void check_places();

  referee& judge_;
  const test::timeline& time_;
  const context* ctx_ = nullptr;
  std::vector<watched> gates_;
  std::map<const caf::resumable*, std::size_t> index_; ///< of `gates_`
};

} // namespace dubber::sim
