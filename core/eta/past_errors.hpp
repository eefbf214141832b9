#pragma once

#include "core/eta/way.hpp"

#include <array>
#include <optional>
#include <vector>

namespace dubber {

/// Time left, seconds: half of the jobs take no longer than `p50`, nine of ten
/// no longer than `p90`.
struct time_left {
  double p50 = 0;
  double p90 = 0;
};

/// How far the expected times (`way`) were off, by jobs that have ended: the
/// newest ones' real time over the expected one.
///
/// p50 and p90 are the expected time times quantiles of these ratios (split
/// conformal prediction, Vovk et al. 2005, Lei et al. 2018): whatever the
/// reason for being off, the n+1st ratio is below the ceil(0.9 (n+1))-th
/// smallest of n with probability 0.9, as long as the next job is like the last
/// ones. The sum of the stages' p90 would be far too much. Apart by how far the
/// job is and whether it waits for others ("Mondrian" classes), since early
/// guesses are worse.
class past_errors {
public:
  /// How far a job is: its length is not known, it is being recognised, it is
  /// being translated and spoken, its parts are put together.
  static constexpr std::size_t phases = 4;
  static constexpr std::size_t classes = 2 * phases;
  /// Ratios kept of each class, and how many of them must be there.
  static constexpr std::size_t most = 200;
  static constexpr std::size_t fewest = 20;

  /// As it is kept over restarts: by class, the oldest first.
  struct one {
    float ratio = 1;
    float weight = 1;

    bool operator==(const one&) const = default;
  };
  using memory = std::array<std::vector<one>, classes>;

  static std::size_t phase_of(const work_left& left);
  static std::size_t class_of(const work_left& left, const way& expected);

  /// @param weight How long a job was in this class: who looks at a random
  /// moment meets slow jobs more often.
  void add(std::size_t cls, double expected, double real, double weight);

  /// Until enough jobs have ended like this one: by all of the phase, then by
  /// all there are, then by a guess.
  time_left left(std::size_t cls, double expected) const;

  const memory& remembered() const {
    return ratios_;
  }
  void restore(memory from);

private:
  struct factors {
    double half = 1;
    double most = 2.5;
  };
  static std::optional<factors>
  quantiles(std::initializer_list<const std::vector<one>*> of);
  void refresh();

  memory ratios_;
  std::array<factors, classes> factors_;
};

} // namespace dubber
