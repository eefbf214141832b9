#pragma once

#include "actors/context.hpp"
#include "actors/gate.hpp"
#include "core/restart_window.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace dubber {

/// Histories that are loaded at once when unfinished jobs are taken up: few, so
/// that queries find the reader free.
inline constexpr std::size_t take_up_window = 80;
/// So many are asked for at once.
inline constexpr std::size_t take_up_batch = 16;

/// How long a job is left alone whose actor dies again and again.
inline constexpr ms dead_pause{60'000};

struct live_job {
  job_actor actor;
  std::shared_ptr<const job_row> row; ///< as its actor told it last
  boxed<restart_window> restarts;     ///< if its actor has died
  bool halted = false;                ///< told to park, after it died too often
  std::uint64_t sent = 0;             ///< messages to it
  bool loaded = false;
};

/// A look at the gateway whether its job is still the one that we know.
struct identity_check {
  job_row known;
  permit pass;
  call_handle call;
  time_point until;  ///< then it is over; `fetch_wait` after its begin
  bool open = false; ///< the call
};

/// The state of the JOB MANAGER.
struct manager_state {
  manager_state() = default;
  manager_state(const manager_state&) = delete;
  manager_state& operator=(const manager_state&) = delete;
  /// Jobs end with the manager. They are not linked to it: of many links each
  /// that ends is looked for among all others.
  ~manager_state();

  context_ptr ctx;
  bool stopping = false;
  std::uint64_t next_job_no = 1;
  std::map<std::uint64_t, live_job> jobs;       ///< by our number
  std::map<std::int64_t, std::uint64_t> newest; ///< live ones, by job_id
  std::map<caf::actor_addr, std::uint64_t> by_address;

  /// Who waits for what the reader, and then the gateway, know of an id.
  std::map<std::int64_t, std::vector<intake_request>> looking_up;
  std::map<std::int64_t, std::vector<control_request>> wishes;
  std::map<std::int64_t, identity_check> verifying; ///< by job_id
  struct silencing {
    job_row row;
    std::uint64_t attempt;
  };
  /// Old jobs that have to end before those that took their ids may begin.
  std::map<std::int64_t, silencing> silencing;
  std::uint64_t silencings = 0;

  /// Of `jobs` and `backlog`: they have ended, and owe their final report.
  std::size_t ended = 0;

  // Taking up what was unfinished.
  std::deque<job_row> backlog;
  std::size_t loading = 0;
  bool listing = false; ///< there is more than the backlog
  std::optional<time_point> recovery_began;
  std::size_t taken_up = 0; ///< since then
  bool unreadable = false;  ///< so it was when last tried
  static inline const char* name = "manager";
};

using manager_ptr = manager_actor::stateful_pointer<manager_state>;

/// Finds, admits and supervises jobs.
manager_actor::behavior_type manager(manager_ptr self, context_ptr ctx,
                                     std::uint64_t next_job_no);

inline manager_actor handle(manager_ptr self) {
  return caf::actor_cast<manager_actor>(self);
}

// -- manager_jobs.cpp: the live jobs
// -----------------------------------------

job_actor launch(manager_ptr self, const job_row& row, bool fresh);

/// Sends `what` to a live job, so that it is not let go before it has it.
template <class T>
void tell_job(manager_ptr self, std::uint64_t job_no, T&& what) {
  auto& entry = self->state.jobs.at(job_no);
  ++entry.sent;
  self->send(entry.actor, std::forward<T>(what));
}

void on_job_news(manager_ptr self, const job_news& x);
void on_job_down(manager_ptr self, const caf::down_msg& x);

/// Takes up unfinished jobs, a few at a time.
void on_unfinished(manager_ptr self, const unfinished_rows& x);

// -- manager_intake.cpp: jobs that are wanted
// --------------------------------

/// Answers all that wait for news of this id.
/// @param known The newest job that we know by it, if any.
/// @param begin Whether a new one begins.
void settle(manager_ptr self, std::int64_t job_id,
            const std::optional<job_row>& known, bool begin);

/// Nobody can say now whether the job is known: they have to ask again.
void refuse_waiting(manager_ptr self, std::int64_t job_id,
                    const std::string& why);

void on_intake(manager_ptr self, intake_request& x);
void on_control(manager_ptr self, control_request& x);
void on_newest(manager_ptr self, const newest_row& x);

/// Answers all that wait: the orchestrator is stopping.
void refuse_all(manager_ptr self);

// -- manager_identity.cpp: whether an id still means the job we know by it
// -------------------------------------------------------------------------

/// The gateway may have begun anew with its ids: asks it, through its gate.
void verify(manager_ptr self, const job_row& known);

// What the gate says to that.
void on_permit(manager_ptr self, const permit_granted& x);
void on_no_permit(manager_ptr self, std::uint64_t ticket_id);
void on_verified(manager_ptr self, const verified_source& x);
void on_silenced(manager_ptr self, const job_silenced& x);

} // namespace dubber
