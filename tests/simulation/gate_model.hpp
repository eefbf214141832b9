#pragma once

#include "tests/simulation/breaker_model.hpp"
#include "tests/simulation/turns_model.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace dubber::sim {

/// What a gate is seen to do.
struct gate_seen {
  std::string breaker;                       ///< its state
  std::optional<time_point> until;           ///< of being open
  std::map<std::uint64_t, std::size_t> open; ///< ticket to URL
  std::map<std::uint64_t, ms> deadlines;     ///< of `open`
  std::set<std::uint64_t> waiting;
};

/// The URLs of one service: a call goes to the one with the fewest open calls,
/// and one that failed is left out for 1 s up to a minute while there is
/// another; then it is on trial: one call at a time goes there that has not
/// failed before, until one succeeds.
class urls_model {
public:
  struct leaving {
    std::size_t where;
    bool retry;
  };

  explicit urls_model(std::size_t count) : all_(count > 0 ? count : 1) {
    // nop
  }

  /// A call has left. @returns Whether it may go where it went.
  bool leaves(const leaving& call, time_point t);
  void vanished(std::size_t which);
  /// @returns Whether the end says something of the service: a failure does
  /// only when no other URL is left.
  bool came_back(std::size_t which, bool failed, time_point t);

private:
  struct url {
    int open = 0;
    int failures = 0; ///< in a row, those at once counted as one
    time_point out_until;
  };
  bool any_left(time_point t) const;
  bool is_best(const leaving& call, time_point t) const;

  std::vector<url> all_;
};

/// What the gate of one service has to let through and to hold, written from
/// README and INTERFACES, without a look at core/service_gate: so many calls at
/// once, none but probes while the breaker is not closed, retries within their
/// budget, nothing held that may go, nobody waiting beyond the policy's times,
/// nobody before it is his turn.
class gate_model {
public:
  explicit gate_model(const service_policy& policy);

  // -- what the gate hears
  void asked(std::uint64_t ticket, const turns_model::wish& what, time_point t);
  void withdrawn(std::uint64_t ticket, time_point t);
  /// @returns Whether such a call was open.
  bool ended(std::uint64_t ticket, bool failed, time_point t);
  void order_open(time_point t);
  void order_closed(time_point t);
  void order_auto(time_point t);
  void configure(const service_policy& policy, time_point t);

  /// What it has done since. @param places Whether there is room for any number
  /// of calls in the whole program.
  /// @returns What is wrong; empty: nothing.
  std::string check(const gate_seen& is, time_point t, bool places);

  /// Whether somebody waits who may go.
  bool holds_without_reason(time_point t) const;

  breaker_model::is breaker_at(time_point t) const {
    return breaker_.at(t);
  }
  /// Since when all calls have failed, if there were two at least.
  std::optional<time_point> failing_since() const {
    return failures_ >= 2 ? std::optional{failing_since_} : std::nullopt;
  }
  std::size_t open() const {
    return open_.size();
  }

private:
  struct wait {
    bool retry;
    time_point since;
    ms held_before; ///< the gate's held time until then
  };
  struct visit {
    bool retry;
    std::size_t url;
    int spell;
    time_point since;
    ms deadline;
  };

  std::string check_expired(const gate_seen& is, time_point t);
  std::string check_granted(const gate_seen& is, time_point t);
  std::optional<std::uint64_t> whose_turn(int room, bool probing) const;
  int retries_allowed(int open) const;
  int open_retries() const;
  void note_hold(time_point t);
  ms held(time_point t) const;

  service_policy policy_;
  breaker_model breaker_;
  urls_model urls_;
  turns_model turns_;
  std::map<std::uint64_t, wait> waiting_;
  std::map<std::uint64_t, visit> open_;
  int failures_ = 0; ///< in a row, at whatever URL
  time_point failing_since_;
  ms held_{0};
  std::optional<time_point> held_since_;
};

} // namespace dubber::sim
