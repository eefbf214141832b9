#pragma once

#include "tests/simulation/dice.hpp"

#include <array>
#include <string_view>

namespace dubber::sim {

/// What goes wrong in the simulated world, one name a kind.
enum class trouble {
  // neighbours
  refused_connection, ///< no answer at all
  outage,             ///< a neighbour is down for a while
  no_answer,          ///< the deadline passes; the call may be done there
  last_moment,        ///< the answer comes at the very deadline
  answer_at_once,     ///< the answer comes before `start` has returned
  slow,               ///< seconds instead of milliseconds
  too_many_requests,  ///< 429 with Retry-After
  unavailable,        ///< 503
  server_error,       ///< 500
  still_running,      ///< 409: an earlier attempt of the call still runs
  bad_answer,         ///< truncated, not JSON, wrong shape
  empty_audio,        ///< a synthesis of nothing
  scratch_full,       ///< a full disk at the worker: nobody's attempt
  never_works,        ///< 4xx for one item, for ever
  silent_film,        ///< nothing is said in it
  odd_transcript,     ///< overlaps, empty texts, times beyond the end
  no_such_job,        ///< the gateway does not know it
  lies,               ///< 200, and what it says is about something else
  confused,           ///< a worker with a bug: another kind of result
  flapping,           ///< a neighbour is down every other while
  slowing,            ///< a neighbour takes longer and longer
  bad_url,            ///< one of the URLs of a service never answers well
  choking,            ///< ASR fails above some length, for ever
  lost_artifact,      ///< a stored file is gone
  // the gateway's rows
  patch_lost,    ///< no answer and not written
  patch_late,    ///< no answer, written seconds later, over newer rows
  patch_error,   ///< 500 to a PATCH
  row_deleted,   ///< the job is gone there
  gateway_reset, ///< the id belongs to another job now
  // this machine
  commit_fails, ///< the journal's disk, once or for a while
  commit_slow,
  read_fails,
  read_slow,
  stage_dies, ///< actors end by a bug
  job_dies,
  process_dies, ///< between any two messages
  orderly_stop,
  few_places, ///< MAX_OPEN_CALLS is small
  // people
  asked_twice,  ///< the same job through several intakes
  wishes,       ///< cancel, pause, resume, retry, redo, restart
  haste,        ///< the same, right after the job has come to something
  hands,        ///< breakers are opened and closed by hand
  other_policy, ///< the policy file is read again
  count_,
};

inline constexpr auto trouble_count = static_cast<std::size_t>(trouble::count_);

std::string_view to_string(trouble what);

/// Which kinds a seed has: a few each, so that they meet in ever new company.
class troubles {
public:
  troubles() = default;
  explicit troubles(dice& from);

  bool has(trouble what) const {
    return there_[static_cast<std::size_t>(what)];
  }

  /// Whether it happens now: never before it is there, once in `n` then.
  bool strikes(trouble what, dice& by, std::uint64_t n) const {
    return has(what) && by.one_in(n);
  }

  void set(trouble what, bool there) {
    there_[static_cast<std::size_t>(what)] = there;
  }

private:
  std::array<bool, trouble_count> there_{};
};

} // namespace dubber::sim
