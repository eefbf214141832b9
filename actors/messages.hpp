#pragma once

#include "actors/cache_messages.hpp"
#include "actors/coordinator.hpp"
#include "actors/gate_messages.hpp"
#include "clients/object_store.hpp"
#include "core/job/machine.hpp"
#include "core/policy.hpp"
#include "core/report_machine.hpp"
#include "core/service_gate.hpp"
#include "core/work_wait.hpp"
#include "journal/journal.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What actors tell each other (to whom: actors.hpp). What is large travels
/// behind a shared pointer. Every message stays in this process.

CAF_BEGIN_TYPE_ID_BLOCK(dubber, first_custom_type_id)

  CAF_ADD_ATOM(dubber, dubber::atom, park_over, "park-over")
  CAF_ADD_ATOM(dubber, dubber::atom, prune, "prune")
  CAF_ADD_ATOM(dubber, dubber::atom, queue_full, "queue-full")
  CAF_ADD_ATOM(dubber, dubber::atom, recorded, "recorded")
  CAF_ADD_ATOM(dubber, dubber::atom, report, "report")
  CAF_ADD_ATOM(dubber, dubber::atom, room, "room")
  CAF_ADD_ATOM(dubber, dubber::atom, start, "start")
  CAF_ADD_ATOM(dubber, dubber::atom, stop, "stop")
  CAF_ADD_ATOM(dubber, dubber::atom, tick, "tick")
  CAF_ADD_ATOM(dubber, dubber::atom, wait, "wait")
  CAF_ADD_ATOM(dubber, dubber::atom, withdraw, "withdraw")

CAF_END_TYPE_ID_BLOCK(dubber)

namespace dubber {

// -- stages
// -------------------------------------------------------------------

/// The outcome of one attempt.
struct attempt_ended {
  int attempt = 0;
  std::shared_ptr<result<work_result>> outcome;
};

/// What a stage tells its job.
struct stage_news {
  work_ref work;
  std::uint32_t run = 0;
  job_input what;
};

struct stage_waits {
  work_ref work;
  int attempt = 0;
  work_wait why = work_wait::nothing;
  std::optional<time_point> until;
  /// It tries again what was not charged, if the job says so (`atom::start`).
  bool asks_leave = false;
};

// -- jobs
// ---------------------------------------------------------------------

struct append_done {
  std::shared_ptr<const std::vector<event>> events;
};

struct append_refused {
  fault why;
};

struct history_loaded {
  std::shared_ptr<result<std::vector<event>>> events;
};

struct report_news {
  std::uint64_t debt = 0; ///< the one that it is about
  bool told = false;
  std::string delivered; ///< outcome; empty: not yet
  /// Until when the reporter waits before it tells the final state again.
  std::optional<time_point> again_at;
};

/// A question to a live job.
struct job_ask {
  job_query query;
  std::function<void(query_answer)> on_answer;
};

/// A new job.
struct job_begin {
  in::accept what;
  std::vector<note> notes; ///< kept with the acceptance
};

/// A wish of a person or of the supervisor.
struct job_control {
  in::control wish;
  std::function<void(control_answer)> on_answer; ///< may be empty
  std::vector<note> notes = {};                  ///< kept with the wish
  bool dry_run = false; ///< says what would come of it only
};

/// Which of the files that a wish rests on are gone.
struct files_looked_for {
  std::uint64_t id = 0; ///< of the look
  std::shared_ptr<result<std::vector<std::string>>> missing;
};

struct job_watch {
  std::function<void(intake_answer)> on_fetched;
};

/// A job tells its manager how it stands.
struct job_news {
  std::shared_ptr<const job_row> row;
  /// Nothing more to do: the actor may go, if the manager has sent it nothing
  /// besides the `handled` messages.
  bool over = false;
  std::uint64_t handled = 0;
  bool loaded = false;
};

// -- the manager
// --------------------------------------------------------------

struct newest_row {
  std::int64_t job_id = 0;
  std::shared_ptr<result<std::optional<job_row>>> row;
};

struct unfinished_rows {
  std::shared_ptr<result<std::vector<job_row>>> rows;
};

struct verified_source {
  std::int64_t job_id = 0;
  std::uint64_t ticket = 0;                     ///< of the check
  bool at_limit = false;                        ///< `fetch_wait` is over
  std::shared_ptr<result<work_result>> outcome; ///< unless it is
};

/// A job whose number is another's at the gateway has had to fall silent.
struct job_silenced {
  std::int64_t job_id = 0;
  std::uint64_t attempt = 0; ///< which of them
  bool done = false;         ///< it has ended, and owes nothing any more
};

/// The policy file was read again.
struct policy_change {
  std::shared_ptr<const service_policies> services;
  job_rules rules;
};

struct intake_request {
  intake_command command;
  std::function<void(intake_answer)> on_answer;
};

struct control_request {
  control_command command;
  std::function<void(control_answer)> on_answer;
};

// -- journal and gateway
// ------------------------------------------------------

struct flush_request {
  std::function<void()> on_done;
};

struct note_request {
  std::vector<note> notes;
  std::function<void(bool)> on_kept; ///< see `coordinator::keep`
};

struct list_ask {
  list_query query;
  std::function<void(query_answer)> on_answer;
};

struct swept {
  std::shared_ptr<result<sweep_result>> outcome;
};

struct progress_report {
  std::uint64_t job_no = 0;
  std::int64_t job_id = 0;
  report_update update;
};

struct gateway_answered {
  std::uint64_t job_no = 0;
  std::uint64_t ticket = 0; ///< of the call
  report_machine::event what;
};

} // namespace dubber

#define DUBBER_LOCAL(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dubber::name)
DUBBER_LOCAL(ticket)
DUBBER_LOCAL(attempt_ended)
DUBBER_LOCAL(stage_news)
DUBBER_LOCAL(stage_waits)
DUBBER_LOCAL(append_done)
DUBBER_LOCAL(append_refused)
DUBBER_LOCAL(history_loaded)
DUBBER_LOCAL(report_news)
DUBBER_LOCAL(job_ask)
DUBBER_LOCAL(job_begin)
DUBBER_LOCAL(job_control)
DUBBER_LOCAL(job_watch)
DUBBER_LOCAL(files_looked_for)
DUBBER_LOCAL(job_news)
DUBBER_LOCAL(newest_row)
DUBBER_LOCAL(unfinished_rows)
DUBBER_LOCAL(verified_source)
DUBBER_LOCAL(job_silenced)
DUBBER_LOCAL(policy_change)
DUBBER_LOCAL(intake_request)
DUBBER_LOCAL(control_request)
DUBBER_LOCAL(flush_request)
DUBBER_LOCAL(note_request)
DUBBER_LOCAL(list_ask)
DUBBER_LOCAL(swept)
DUBBER_LOCAL(progress_report)
DUBBER_LOCAL(gateway_answered)
DUBBER_LOCAL(in::halt)
#undef DUBBER_LOCAL
