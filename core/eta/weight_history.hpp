#pragma once

#include "core/job/progress.hpp"

#include <optional>
#include <vector>

namespace dubber {

/// The weights of progress, as they were learned, and since when they hold. A
/// job keeps those that held when it began, also over restarts: its progress
/// may not fall because something was learned meanwhile.
///
/// A version is kept on disk before it holds (`from` lies ahead then).
class weight_history {
public:
  struct version {
    time_point from;
    stage_weights weights{};

    bool operator==(const version&) const = default;
  };

  /// The oldest are forgotten beyond; jobs that began with them go on with the
  /// oldest that is there.
  static constexpr std::size_t most = 1'000;

  /// For a job that began then; the first guess before all versions.
  const stage_weights& at(time_point begun) const;

  /// Those that jobs begin with now.
  const stage_weights& newest() const;

  /// Adds the version, unless it is not newer than the last one.
  void add(version next);

  /// @param learned Lengths of a usual job's kinds of work, in any unit.
  /// @returns What to keep and then to add: nothing while the weights are about
  /// the same, or less than an hour old.
  std::optional<version> next(const by_kind<double>& learned,
                              time_point now) const;

  const std::vector<version>& versions() const {
    return versions_;
  }
  /// What makes no sense is left out.
  void restore(std::vector<version> from);

private:
  stage_weights first_ = first_weights();
  std::vector<version> versions_; ///< by `from`
};

} // namespace dubber
