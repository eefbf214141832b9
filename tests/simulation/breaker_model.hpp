#pragma once

#include "core/policy.hpp"

#include <deque>
#include <optional>
#include <string>

namespace dubber::sim {

/// A circuit breaker as README and INTERFACES describe it, written without a
/// look at core/breaker: what the actors do is compared with it.
///
///   - closed until so many failures in a row, or until a share of the calls in
///     the window failed or were slow;
///   - then open, each time twice as long up to a cap, and up to a fifth longer
///     by chance: the one thing that is not known beforehand (`adopt`);
///   - then half open for a few probes: all have to succeed, one failure opens
///     it again;
///   - by hand: open until another order; closed at once, all forgotten;
///   - a call counts only for the spell (from one change to the next) in which
///     it left.
class breaker_model {
public:
  enum class is { closed, open, half_open, forced_open };

  explicit breaker_model(const breaker_policy& policy) : policy_(policy) {
    // nop
  }

  is at(time_point t) const;

  /// How many more calls may leave now, so many at most.
  int room(time_point t, int most) const;

  /// A call leaves. @returns Its spell.
  int leaves(time_point t);
  /// It came back. @param failed By the service's fault.
  void came_back(int spell, bool failed, bool slow, time_point t);
  /// It ended without saying anything.
  void vanished(int spell);

  void order_open();
  void order_closed();
  void order_auto();
  void configure(const breaker_policy& policy);

  /// The end of the open time, as the real one has it.
  /// @returns What is wrong with it; empty: nothing.
  std::string adopt(std::optional<time_point> until, time_point t);

private:
  struct seen {
    time_point at;
    bool failed;
    bool slow;
  };
  struct trip {
    time_point earliest; ///< end of the open time, without chance
    time_point latest;
    std::optional<time_point> until; ///< once adopted
    int probes = 0;                  ///< under way
    int good = 0;                    ///< probes that succeeded
  };

  void open(time_point t);
  void close();
  void forget_old(time_point t);
  bool is_too_bad() const;

  breaker_policy policy_;
  bool by_hand_ = false;
  std::optional<trip> trip_;
  int trips_ = 0; ///< since it was closed
  int spell_ = 0;
  int in_a_row_ = 0;
  std::deque<seen> window_;
};

const char* to_string(breaker_model::is what);

} // namespace dubber::sim
