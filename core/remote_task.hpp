#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// Work that is done elsewhere, by tasks in a queue, goes on when we die, and
/// may be lost without a word. Decides when it is given out, and again:
///
///   nothing known --send--> unsure --confirmed--> out --result--> taken
///                             |                   | |
///                  next attempt: revoked,         | +--failed, of no use-->
///                  and sent anew                  |      ended: an attempt
///                                                 +--deadline--> late: sent
///                                                    anew, and still awaited
namespace dubber {

/// One time that a piece of work was given out.
struct dispatch {
  std::string id;         ///< the task's
  std::string output_key; ///< where its worker writes: nobody else does
  time_point deadline{};  ///< until then nobody else gets the work
  bool sent = false;      ///< the broker has taken it, for sure
  bool ended = false;     ///< nothing is to be had from it any more

  bool operator==(const dispatch&) const = default;
};

/// What is heard of a task.
enum class task_news {
  none,    ///< it waits, is lost, or was never there: nobody can tell
  running, ///< a worker has it
  done,
  failed,
};

struct remote_step {
  enum class what {
    take, ///< the result of `which`
    fail, ///< as `which` has, of which nobody has heard yet
    wait, ///< for `which`, until its deadline
    send, ///< the work is given out
  };
  what kind = what::send;
  std::size_t which = 0;
  /// To be taken back first: they may be out or not.
  std::vector<std::size_t> revoke = {};

  bool operator==(const remote_step&) const = default;
};

/// What an attempt begins with. A late result of an earlier dispatch is as good
/// as one in time; two are never out at once before a deadline has passed.
/// @param out Oldest first. @param heard One for each.
remote_step next_step(const std::vector<dispatch>& out,
                      const std::vector<task_news>& heard, time_point now);

/// So many dispatches of one piece are remembered; more: the oldest go.
inline constexpr std::size_t most_dispatches = 32;

void remember(std::vector<dispatch>& out, dispatch next);

} // namespace dubber
