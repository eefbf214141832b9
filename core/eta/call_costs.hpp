#pragma once

#include "core/work_kinds.hpp"

namespace dubber {

/// How long one call of a kind of work takes on average, as
/// `base + slope * seconds of media`: least squares over relative errors, the
/// newest few hundred calls count most. The mean and not the median: costs are
/// added up.
class call_cost {
public:
  /// Weighted sums over the calls seen; kept over restarts.
  struct memory {
    double calls = 0;
    double w = 0;
    double x = 0;
    double xx = 0;
    double y = 0;
    double xy = 0;

    bool operator==(const memory&) const = default;
  };

  /// What is assumed before calls were seen, and less the more were: seconds,
  /// and seconds for each second of media; `far` is a usual length.
  struct guess {
    double base = 0;
    double slope = 0;
    double far = 60;
  };

  call_cost();
  explicit call_cost(guess first);

  void saw(double media_seconds, double took_seconds);

  /// Seconds; above 0.
  double of(double media_seconds) const;

  const memory& remembered() const {
    return seen_;
  }

  /// What makes no sense is as if nothing had been seen.
  void restore(const memory& from);

private:
  void solve();

  guess guess_;
  memory seen_;
  double base_ = 0;
  double slope_ = 0;
};

/// The costs of all kinds of work, and what a job is like whose length is not
/// known yet.
class call_costs {
public:
  struct memory {
    by_kind<call_cost::memory> calls;
    double jobs = 0;    ///< seen, the older for less
    double seconds = 0; ///< of media, in them
    double segments = 0;

    bool operator==(const memory&) const = default;
  };

  call_costs();

  void saw_call(work_kind kind, double media_seconds, double took_seconds);
  void saw_job(double media_seconds, double segments);

  /// Of one call, seconds. The final report costs what another call to the
  /// gateway does.
  double of(work_kind kind, double media_seconds) const;

  /// Mean length of a job's media.
  double usual_seconds() const;
  /// Segments to expect in so much media; at least 1.
  double usual_segments(double media_seconds) const;

  memory remembered() const;
  void restore(const memory& from);

private:
  by_kind<call_cost> calls_;
  memory jobs_; ///< all but `calls`
};

} // namespace dubber
