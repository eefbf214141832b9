#pragma once

#include "core/policy.hpp"

#include <optional>
#include <vector>

namespace dubber {

/// How long the calls to one service take, learned from those that were made:
/// the newest ones' time over (seconds of media + 1), where the one second
/// stands for what every call costs.
class learned_speed {
public:
  /// As it is kept over restarts.
  struct memory {
    std::vector<double> paces; ///< of the newest calls, in no order
    double longest = 0;

    bool operator==(const memory&) const = default;
  };

  /// A call that succeeded.
  void succeeded(double media_seconds, ms took);

  /// A call that ran into its deadline: it would have taken longer, who knows
  /// how much; counted as twice as long, so that a service that has become
  /// slower gets more time soon.
  void timed_out(double media_seconds, ms deadline);

  /// The deadline of a call: four times what nineteen of twenty calls needed,
  /// at least a sixth of the policy's base and 5 s; doubled with every attempt
  /// that failed before. Never more than the policy's, which also holds while
  /// too few calls were seen.
  ms deadline(double media_seconds, int attempt,
              const timeout_policy& most) const;

  /// How long a call takes that this share of calls does not exceed; nothing
  /// while too few were seen. @param share In (0, 1).
  std::optional<ms> expected(double media_seconds, double share) const;

  /// Seconds of media of the longest call that succeeded.
  double longest() const {
    return memory_.longest;
  }

  std::size_t calls() const {
    return memory_.paces.size();
  }

  const memory& remembered() const {
    return memory_;
  }

  /// What does not make sense in it is left out.
  void restore(memory from);

private:
  void add(double pace);
  void read();
  double quantile(double share) const;

  memory memory_;
  std::size_t next_ = 0;   ///< place of the oldest, once all places are taken
  std::size_t unread_ = 0; ///< paces that `usual_` does not know yet
  double usual_ = 0;       ///< the high quantile that deadlines rest on
};

/// Calls before what was learned counts, and after which the oldest is
/// forgotten.
inline constexpr std::size_t fewest_paces = 20;
inline constexpr std::size_t most_paces = 200;

} // namespace dubber
