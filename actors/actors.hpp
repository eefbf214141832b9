#pragma once

#include "actors/messages.hpp"
#include "journal/journal.hpp"

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <vector>

/// All actor interfaces. Messages are sent, never requested: no timers per
/// message, nothing blocks.
namespace dubber {

/// Whoever asks a gate for permits.
using permit_holder_actor = caf::typed_actor<
  // The call may leave.
  caf::reacts_to<permit_granted>,
  // Whether the service is down, after a call that failed by its fault.
  caf::reacts_to<permit_judged>,
  // The gate's queue is full: ask again later.
  caf::reacts_to<atom::queue_full, std::uint64_t>,
  // It has waited too long.
  caf::reacts_to<permit_expired>>;

/// Whoever asks for a result that may be there.
using result_seeker_actor
  = caf::typed_actor<caf::reacts_to<cache_found>, caf::reacts_to<cache_missed>,
                     // Another job makes the call; one of the two above
                     // follows.
                     caf::reacts_to<atom::wait, std::uint64_t>>;

struct cache_ask {
  std::uint64_t id = 0; ///< unique
  std::shared_ptr<const work_order> order;
  result_seeker_actor seeker;
};

/// The CACHE: finds results that are there already, and has those that want the
/// same one share one call.
using cache_actor
  = caf::typed_actor<caf::reacts_to<cache_ask>,
                     // The asker does not want it any more, or cannot have it.
                     caf::reacts_to<atom::withdraw, std::uint64_t>,
                     caf::reacts_to<cache_filled>,
                     // From the janitor: some results have been removed.
                     caf::reacts_to<atom::prune>,
                     // INTERNAL: answers of the store and of the reader.
                     caf::reacts_to<known_source>, caf::reacts_to<found_result>,
                     caf::reacts_to<result_numbers>>;

struct find_result {
  std::string key;
  cache_actor cache;
};

struct permit_request {
  ticket who;
  gate_wish wish;
  double media_seconds = 0; ///< what the deadline grows with
  int attempt = 1;
  bool may_be_halved = false; ///< when it is too long for the service
  permit_holder_actor holder;
};

struct permit_end {
  ticket who;
  call_end how = call_end::other;
  /// Who wants to hear whether the service is down; may be nobody.
  permit_holder_actor holder;
};

/// The GATE of one service.
using gate_actor = caf::typed_actor<
  // Queues for a permit.
  caf::reacts_to<permit_request>,
  // The permit is not needed any more, or the place in the queue.
  caf::reacts_to<atom::withdraw, ticket>,
  // The call that the permit was for has ended.
  caf::reacts_to<permit_end>,
  // Shows itself.
  caf::reacts_to<gate_look>,
  // Its breaker is opened or closed by hand.
  caf::reacts_to<gate_order>,
  // Other limits.
  caf::reacts_to<gate_change>,
  // From another gate: there may be a place for one more open call.
  caf::reacts_to<atom::room>,
  // INTERNAL: the breaker may let a probe through.
  caf::reacts_to<atom::tick>>;

/// One item of one STAGE.
using stage_actor = permit_holder_actor::extend<
  // Begins; or tries again, after a failure that was not charged.
  caf::reacts_to<atom::start>,
  // INTERNAL: the worker has answered.
  caf::reacts_to<attempt_ended>,
  // The failed attempt is in the journal.
  caf::reacts_to<atom::recorded>,
  // INTERNAL: a pause is over.
  caf::reacts_to<atom::tick, std::uint64_t>>;

/// One JOB. Work of it that was not tried yet waits at its gate without an
/// actor of its own.
using job_actor = permit_holder_actor::extend<
  // From the cache (`result_seeker_actor`).
  caf::reacts_to<cache_found>, caf::reacts_to<cache_missed>,
  caf::reacts_to<atom::wait, std::uint64_t>,
  // Begins a new job.
  caf::reacts_to<job_begin>,
  // What its history says (after a restart).
  caf::reacts_to<history_loaded>,
  // From its stages.
  caf::reacts_to<stage_news>, caf::reacts_to<stage_waits>,
  // From the journal writer.
  caf::reacts_to<append_done>, caf::reacts_to<append_refused>,
  // From the reporter.
  caf::reacts_to<report_news>,
  // A person's or the manager's wish.
  caf::reacts_to<job_control>,
  // INTERNAL: what of the files a wish rests on is gone.
  caf::reacts_to<files_looked_for>,
  // The manager gives up on its actor.
  caf::reacts_to<in::halt>,
  // Shows itself.
  caf::reacts_to<job_ask>,
  // Answers when the job is fetched, rejected or failed, or after `fetch_wait`.
  caf::reacts_to<job_watch>,
  // INTERNAL: `fetch_wait` is over.
  caf::reacts_to<atom::tick>,
  // INTERNAL: PARK_TIMEOUT may be over.
  caf::reacts_to<atom::park_over>,
  // INTERNAL: `report_gather` is over.
  caf::reacts_to<atom::report>>;

struct append_request {
  std::shared_ptr<journal_append> what;
  job_actor job;                     ///< hears of it; nobody with notes alone
  std::function<void(bool)> on_kept; ///< hears of notes alone
};

struct append_batch {
  std::shared_ptr<std::vector<append_request>> items;
};

struct batch_done {
  std::shared_ptr<std::vector<append_request>> items;
  std::shared_ptr<result<std::vector<append_outcome>>> outcomes;
  ms took{0};
};

/// The JOURNAL WRITER collects what waits; the disk has one batch at a time.
using journal_writer_actor = caf::typed_actor<
  // Have this written.
  caf::reacts_to<append_request>,
  // INTERNAL: the disk has answered.
  caf::reacts_to<batch_done>,
  // INTERNAL: try the failed batch again.
  caf::reacts_to<atom::tick>,
  // Tell when all that came before is on disk.
  caf::reacts_to<flush_request>,
  // Have notes written that come with no job's events.
  caf::reacts_to<note_request>>;

/// The JOURNAL DISK blocks in commits, on a thread of its own.
using journal_disk_actor
  = caf::typed_actor<caf::reacts_to<append_batch, journal_writer_actor>>;

/// The JOB MANAGER finds, admits and supervises jobs.
using manager_actor = permit_holder_actor::extend<
  // Takes up unfinished jobs.
  caf::reacts_to<atom::start>,
  // No more intake.
  caf::reacts_to<atom::stop>,
  // A job is wanted.
  caf::reacts_to<intake_request>,
  // Something is wanted of a job.
  caf::reacts_to<control_request>,
  // Something is asked of a job.
  caf::reacts_to<job_ask>,
  // Other limits, for all.
  caf::reacts_to<policy_change>,
  // From jobs.
  caf::reacts_to<job_news>,
  // INTERNAL: answers of the reader.
  caf::reacts_to<newest_row>, caf::reacts_to<unfinished_rows>,
  // INTERNAL: whether the gateway's job is still the one we know.
  caf::reacts_to<verified_source>,
  // INTERNAL: the job that the gateway has forgotten is ended, or not in time.
  caf::reacts_to<job_silenced>>;

struct find_newest {
  std::int64_t job_id = 0;
  manager_actor manager;
};

struct list_unfinished {
  std::uint64_t before = 0;
  manager_actor manager;
};

struct load_history {
  std::uint64_t job_no = 0;
  job_actor job;
};

/// The JOURNAL READER blocks in reads, on a thread of its own.
using reader_actor
  = caf::typed_actor<caf::reacts_to<find_newest>,
                     caf::reacts_to<list_unfinished>,
                     caf::reacts_to<load_history>, caf::reacts_to<list_ask>,
                     caf::reacts_to<find_result>,
                     // Tell of all kept results.
                     caf::reacts_to<atom::start, cache_actor>,
                     // Of a job that is not live.
                     caf::reacts_to<job_ask>>;

/// The SUPERVISOR starts the whole tree again when one of those dies that all
/// jobs share.
using supervisor_actor = caf::typed_actor<
  // INTERNAL: the old tree may be gone, the journal back, or all too late.
  caf::reacts_to<atom::tick>>;

/// The JANITOR removes what nobody needs any more.
using janitor_actor = caf::typed_actor<
  // INTERNAL: it is time again.
  caf::reacts_to<atom::tick>,
  // INTERNAL: the artifacts are swept.
  caf::reacts_to<swept>,
  // INTERNAL: some more histories.
  caf::reacts_to<atom::prune>,
  // From the cache, for its order.
  caf::reacts_to<used_results>>;

struct owed_report {
  std::uint64_t job_no = 0;
  std::int64_t job_id = 0;
  report_update final;
  job_actor job;
  std::uint64_t debt = 0; ///< `job_state::debt`
};

/// The REPORTER tells the gateway, for all jobs.
using reporter_actor = permit_holder_actor::extend<
  caf::reacts_to<progress_report>, caf::reacts_to<owed_report>,
  // Not a word more of this job.
  caf::reacts_to<atom::withdraw, std::uint64_t>,
  // INTERNAL: the gateway has answered.
  caf::reacts_to<gateway_answered>,
  // INTERNAL: a job's timer (job number, generation).
  caf::reacts_to<atom::tick, std::uint64_t, std::uint64_t>>;

} // namespace dubber

#define DUBBER_LOCAL(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dubber::name)
DUBBER_LOCAL(cache_ask)
DUBBER_LOCAL(find_result)
DUBBER_LOCAL(permit_request)
DUBBER_LOCAL(permit_end)
DUBBER_LOCAL(append_request)
DUBBER_LOCAL(append_batch)
DUBBER_LOCAL(batch_done)
DUBBER_LOCAL(find_newest)
DUBBER_LOCAL(list_unfinished)
DUBBER_LOCAL(load_history)
DUBBER_LOCAL(owed_report)
#undef DUBBER_LOCAL
