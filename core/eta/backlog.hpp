#pragma once

#include "core/eta/work_left.hpp"

#include <cstdint>

namespace dubber {

/// What all running jobs still need, so that one can tell how much goes before
/// a job at each service. Sums, no list: constant in size, and as quick with
/// 100,000 jobs as with one.
///
/// Gates serve the job that got least (core/service_gate.hpp). So of another
/// job that is as far as this one or further, at most as much goes before it as
/// it needs there itself; where both need one call only, the older job goes
/// first. Jobs that are not as far do not count: they come later.
class backlog {
public:
  /// Who asks, or is counted.
  struct who {
    std::uint64_t job_no = 0;
    int priority = 0;
  };

  void add(who job, const work_left& left);
  /// @param left As it was added.
  void remove(who job, const work_left& left);

  /// Seconds of calls of this kind that go before the job's.
  /// @param left Of the job; it is not in the sums.
  double before(who job, const work_left& left, work_kind kind) const;

  /// All of this kind that is due now, for jobs that wait for the same service
  /// with another one.
  double due(who job, work_kind kind) const;

  std::size_t jobs() const {
    return jobs_;
  }

private:
  /// Costs by their size: bucket n holds those up to 2^n / 16 seconds.
  static constexpr std::size_t buckets = 22;
  /// Below, as usual, above.
  static constexpr std::size_t priorities = 3;

  struct bucket {
    double jobs = 0;
    double seconds = 0;
  };
  using pool = std::array<bucket, buckets>;
  /// Of the numbers of the jobs that are at one kind of work, counted from the
  /// first one ever seen: enough to tell how many are older.
  struct ages {
    double count = 0;
    double sum = 0;
    double squares = 0;
  };

  static std::size_t class_of(int priority);
  static std::size_t bucket_of(double cost);
  void count(who job, const work_left& left, int sign);
  /// The share of those at `kind` that are older.
  double older(std::uint64_t job_no, work_kind kind) const;
  static double at_most(const pool& in, double cost);
  static double all_of(const pool& in);

  /// By priority, where the job is, and kind of work.
  std::array<by_kind<by_kind<pool>>, priorities> pools_{};
  by_kind<ages> ages_{};
  std::uint64_t first_ = 0;
  std::size_t jobs_ = 0;
};

} // namespace dubber
