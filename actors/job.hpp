#pragma once

#include "actors/answers.hpp"
#include "actors/cache.hpp"
#include "actors/context.hpp"
#include "actors/gate.hpp"
#include "actors/job_log.hpp"
#include "core/job/editing.hpp"
#include "core/restart_window.hpp"
#include "core/small_map.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <set>
#include <vector>

namespace dubber {

/// A piece of work that is under way.
struct begun_work {
  stage_actor actor;   ///< none while it waits for its first permit
  permit pass;         ///< then; afterwards it is the actor's
  time_point asked_at; ///< for it
  cache_place place;   ///< while others may wait for its result, or it for them
  boxed<std::string> key; ///< under which its result will be kept
  /// Its call was under way when a person asked for all attempts anew: that it
  /// fails does not count.
  bool outdated = false;
};

/// What people want of a job.
struct job_callers {
  struct wish {
    std::function<void(control_answer)> on_answer;
    std::vector<note> notes; ///< kept with it
    bool dry_run = false;
  };
  /// A wish that waits until it is known which files are there.
  struct look {
    std::uint64_t id = 0;
    in::control wish;
    job_callers::wish who;
    std::vector<kept_file> needed;
    call_handle call;
  };

  std::vector<wish> wishes; ///< those among the job's inputs, in their order
  std::vector<look> looks;
  std::function<void(control_answer)> wish_in_flight; ///< with the append
  std::vector<note> notes; ///< to be kept with the next append
  std::vector<std::function<void(intake_answer)>> watchers;
  std::vector<job_ask> asks; ///< until there is a record to show

  bool is_idle() const {
    return wishes.empty() && looks.empty() && !wish_in_flight && notes.empty()
           && watchers.empty() && asks.empty();
  }
};

/// The state of a JOB actor. There may be 100,000 that wait: what most of them
/// do not have is in boxes.
struct job_actor_state {
  job_actor_state() = default;
  job_actor_state(const job_actor_state&) = delete;
  job_actor_state& operator=(const job_actor_state&) = delete;
  ~job_actor_state();

  context_ptr ctx;
  manager_actor manager;
  job_state job;
  bool loaded = false;
  bool unreadable = false; ///< its history, at the first try

  /// At most one append is in flight; what comes meanwhile is decided together
  /// as the next one.
  std::shared_ptr<journal_append> appending;
  std::vector<job_input> inputs;
  boxed<job_callers> callers; ///< while anybody wants anything of it
  bool waited = false;        ///< its watchers, long enough for the gateway

  small_map<work_ref, begun_work> stages;
  live_map live;                  ///< of the same work
  boxed<restart_window> restarts; ///< of its stages, if one has died

  std::uint64_t reporting = 0; ///< the debt that the reporter has; 0: none
  maybe_time report_again;     ///< when it tells it again
  bool reports_soon = false;   ///< its progress, as it will be then
  bool quiet = false;          ///< the gateway is told nothing any more
  std::uint64_t handled = 0;   ///< messages of the manager
  std::shared_ptr<const job_row> told_row; ///< what the manager knows
  static inline const char* name = "job";
};

/// The class of all JOB actors. They share one behaviour, which would take 1 KB
/// of each: its handlers have no `self` and ask for the job whose turn it is.
class job_process : public job_actor::stateful_base<job_actor_state> {
public:
  using job_actor::stateful_base<job_actor_state>::stateful_actor;

  resume_result resume(caf::execution_unit* where,
                       std::size_t throughput) override;
};
using job_ptr = job_process*;

/// What changes in so long a time is told to the gateway at once, and nothing
/// of a job that is done by then but its end.
inline constexpr ms report_gather{500};

/// How long intake waits for the gateway's answer (INTERFACES, HTTP).
inline constexpr ms fetch_wait{2'000};

/// One job: feeds the job machine, persists, then acts.
/// @param row Of it, the job's numbers.
/// @param fresh Whether it begins now; else its history is loaded first.
job_actor::behavior_type job(job_ptr self, context_ptr ctx,
                             manager_actor manager, const job_row& row,
                             bool fresh);

// -- job.cpp: decide, persist, act
// --------------------------------

/// Has it decided upon, and what comes of that written.
void take(job_ptr self, job_input what);

/// Has the history read when all is in it that is under way to the journal: of
/// an actor that died an append may be.
void load(job_ptr self);

void on_begin(job_ptr self, job_begin& x);
void on_loaded(job_ptr self, const history_loaded& x);
void on_appended(job_ptr self, const append_done& x);
void on_report_news(job_ptr self, const report_news& x);
void on_ask(job_ptr self, job_ask& x);
void on_watch(job_ptr self, job_watch& x);
/// `fetch_wait` is over.
void on_waited(job_ptr self);

// -- job_wish.cpp: what people want of it
// ----------------------------------------

void on_control(job_ptr self, job_control& x);
void on_files_looked_for(job_ptr self, const files_looked_for& x);

/// Whether the wish that is next waits for a look into the store, or changes
/// nothing and is answered: it is none of the inputs any more then.
bool put_aside(job_ptr self);

/// Who is answered when the wish that is next is on record with these facts.
std::function<void(control_answer)> asker_of(job_ptr self,
                                             const std::vector<event>& facts);

// -- job_work.cpp: the stages of a job
// ---------------------------------------

/// Ends the stages whose item is done, and lets those go on whose failure is on
/// record.
void act_on(job_ptr self, const event& what);

/// A new run has begun: ends all work of the one before; its news do not count.
void forget_run(job_ptr self);

/// A segment was edited: ends the work that made something of what it was.
void forget_overtaken(job_ptr self, const ev::segment_edited& by);

/// A person asked for all attempts anew: failures of those before are no news.
void begin_anew(job_ptr self);

/// Starts what may start now; ends what may not go on.
void run_stages(job_ptr self);

// From its stages.
void on_stage_news(job_ptr self, stage_news& x);
void on_stage_waits(job_ptr self, stage_waits& x);

// How work ends: with its actor, if it has one.
void forget_stage(job_ptr self, work_ref work);
void end_stage(job_ptr self, work_ref work);
/// @param all Also those whose call is open: its answer is not wanted.
void end_stages(job_ptr self, bool all);
/// Those of languages that are stopped, unless their call is open.
void end_stopped(job_ptr self);

/// The work whose outcome is told but not on record yet: it is not begun again
/// before (a pause ends the actors that have told theirs).
std::set<work_ref> decided_soon(const job_actor_state& st);

/// Nobody has its result: it goes for a permit, or keeps its pause.
void set_out(job_ptr self, work_ref work);

// What the gates say to work that waits for its first permit.
void on_permit(job_ptr self, permit_granted& x);
void on_queue_full(job_ptr self, std::uint64_t ticket_id);
void on_permit_expired(job_ptr self, permit_expired& x);

// -- job_cache.cpp: results that are there already
// ----------------------------

/// Asks whether the result of the work is there. @returns False where it
/// cannot.
bool seek(job_ptr self, work_ref work);

void on_cache_found(job_ptr self, const cache_found& x);
void on_cache_missed(job_ptr self, cache_missed& x);
void on_cache_wait(job_ptr self, std::uint64_t id);

/// A stage that died from a bug is started again from what is on record.
/// @returns What the job has to decide when it dies too often.
std::optional<job_input> restart_stage(job_ptr self, const caf::down_msg& x);

// -- job_tell.cpp: what others are told
// --------------------------------------

/// For people: why a new job is not in the journal yet.
std::string why_not_on_record(const context& ctx);

/// How the job gets on, for the time left (job_forecast.cpp).
void forecast(job_ptr self);
/// The same, when a call has left or work waits.
void forecast_calls(job_ptr self);

void tell_gateway(job_ptr self);
void report_progress(job_ptr self);
void tell_watchers(job_ptr self);
void tell_manager(job_ptr self);

/// The job, and its segments, as they are shown.
job_view view(job_ptr self);
/// `not_found`: it has no such language.
result<segments_page> segments(job_ptr self, const job_query& query);

/// Metrics and log of a fact that is on disk now.
/// @param before The job's status before it.
void observe(job_ptr self, const event& what, job_status before);

} // namespace dubber
