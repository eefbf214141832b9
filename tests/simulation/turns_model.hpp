#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace dubber::sim {

/// Whose turn it is among those who wait at one gate, by an account of its own:
/// the highest priority; then the job that has got least, by cost; then the one
/// served longest ago; then the older job. Of one job: what has not failed
/// before, and then who asked first. A job that comes new, or again, has got as
/// much as whoever was served last had when he was.
class turns_model {
public:
  struct wish {
    std::uint64_t job_no = 0;
    int priority = 0;
    double cost = 1;
    bool retry = false;
  };

  void asked(std::uint64_t ticket, const wish& what);

  /// Is let through; belongs here until it is gone.
  void served(std::uint64_t ticket);

  /// Has ended, or does not want it any more.
  void gone(std::uint64_t ticket);

  /// The next one. @param retries Whether there is room for work that failed
  /// before. @param probing Such work is the last choice.
  std::optional<std::uint64_t> next(bool retries, bool probing) const;

private:
  struct entry {
    std::uint64_t ticket;
    wish what;
  };
  struct account {
    double got = 0;
    std::uint64_t turn = 0;
    int here = 0; ///< of its work
  };
  using rank = std::tuple<int, double, std::uint64_t, std::uint64_t, bool>;

  rank rank_of(const wish& what) const;

  std::vector<entry> waiting_; ///< in the order of asking
  std::map<std::uint64_t, wish> served_;
  std::map<std::uint64_t, account> accounts_; ///< by job
  double level_ = 0;
  std::uint64_t turns_ = 0;
};

} // namespace dubber::sim
