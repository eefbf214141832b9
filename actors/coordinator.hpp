#pragma once

#include "core/job/control.hpp"
#include "core/job_view.hpp"
#include "core/note.hpp"
#include "core/policy.hpp"
#include "core/result.hpp"
#include "core/service_order.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the rest of the program may ask of the actors: the commands and
/// queries, free of CAF and of HTTP. Implemented by `actors/system.cpp`.
namespace dubber {

/// `POST /orchestrate`, or a `job.created` message.
struct intake_command {
  std::int64_t job_id = 0;
  std::string pipeline; ///< empty: the shipped one
  int priority = 0;
  /// A job that has ended begins anew, as another run.
  bool restart = false;
  std::string by = "http"; ///< who asked, for the history
  std::string traceparent;
  /// Kept with the first thing that is recorded of it, if anything is.
  std::vector<note> notes = {};
};

/// The job is journaled.
struct intake_accepted {
  job_view job;
  bool known = false;   ///< it was there before: nothing was started
  bool fetched = false; ///< `job.gateway_json` is set
};

/// The gateway has no such job; recorded.
struct intake_rejected {
  std::string reason;
};

/// Nothing was recorded: the caller may try again later.
struct intake_refused {
  enum class reason { full, stopping, journal_away };
  reason why = reason::full;
  std::string message;
  ms retry_after{1'000};
};

/// A restart that the job's state does not allow.
struct intake_conflict {
  std::string why;
  job_view job;
};

using intake_answer = std::variant<intake_accepted, intake_rejected,
                                   intake_refused, intake_conflict>;

/// What a person wants of the newest job with this id (docs/control.md).
struct control_command {
  control_verb what = control_verb::cancel; ///< restart comes by `intake`
  std::int64_t job_id = 0;
  std::string stage;  ///< redo: the first stage to repeat
  std::string reason; ///< for the history; may be empty
  std::string by;     ///< who asked, for the history
  /// Kept together with the wish, if it is recorded.
  std::vector<note> notes = {};
  std::optional<segment_edit> edit = {};
  std::string pipeline = {}; ///< restart: another one; may be empty
  bool dry_run = false;      ///< says what would come of it, nothing is changed
};

struct control_done {
  job_view job;
  bool changed = true; ///< false: it was so already, or a dry run
  /// redo, edit: finished work that is done again for it, items by stage.
  std::map<std::string, std::uint32_t> repeats = {};
  std::optional<segment_view> segment = {}; ///< edit: as it is now
};

/// The job's state does not allow it; nothing was recorded.
struct control_impossible {
  std::string why;
  job_view job;
};

/// The faults are `not_found` (job or segment), `invalid_input` (no such
/// stage), `busy` (stopping), `unreachable` (the store) and `disk`.
using control_answer = std::variant<control_done, control_impossible, fault>;

/// What to show of the newest job with this id of the gateway.
struct job_query {
  enum class what { job, segments, history };
  what kind = what::job;
  std::int64_t job_id = 0;
  /// segments: first segment to show; history: events with seq > cursor.
  std::uint64_t cursor = 0;
  std::size_t limit = 100;
  std::string language = {}; ///< segments: empty: the gateway's
};

struct list_query {
  std::optional<job_status> status;
  /// Jobs with job_no < cursor; 0: from the newest.
  std::uint64_t cursor = 0;
  std::size_t limit = 50;
};

struct segments_page {
  std::vector<segment_view> items;
  std::optional<std::uint64_t> next;
};

struct history_item {
  std::uint64_t position = 0; ///< store-wide id; 0 where not known
  event what;
};

struct history_page {
  std::int64_t job_id = 0;
  std::vector<history_item> items;
  std::optional<std::uint64_t> next;
};

struct jobs_page {
  std::vector<job_row> items;
  std::optional<std::uint64_t> next;
};

/// `not_found` and `disk` are the faults.
using query_answer
  = std::variant<job_view, segments_page, history_page, jobs_page, fault>;

inline query_answer segments_answer(result<segments_page> page) {
  return page ? query_answer{std::move(*page)} : query_answer{page.error()};
}

/// One base URL of a service.
struct endpoint_view {
  std::string url; ///< masked
  std::size_t running = 0;
  /// It failed: not used until then, as long as there is another one.
  std::optional<time_point> left_out_until;
};

struct service_view {
  std::string name;
  std::string breaker; ///< closed open half_open forced_open
  std::optional<time_point> held_until;
  std::size_t waiting = 0;
  std::size_t waiting_jobs = 0;            ///< whose work that is
  std::optional<time_point> waiting_since; ///< the one that has waited longest
  std::size_t running = 0;
  int max_concurrent = 0;
  /// What the breaker's window holds.
  int calls = 0;
  int failed = 0;
  int slow = 0;
  int failed_in_a_row = 0;
  std::size_t retries_running = 0;
  std::size_t retries_allowed = 0;
  std::vector<endpoint_view> endpoints;
  /// Learned speed: calls it rests on, what a call without any media takes
  /// (with media: times seconds + 1), the longest media in one call.
  std::size_t learned_calls = 0;
  std::optional<ms> expected_p50;
  std::optional<ms> expected_p95;
  double longest_media_seconds = 0;
  service_policy policy;              ///< as it counts now
  std::optional<service_order> order; ///< the last one a person gave
};

/// Which policy file counts.
struct policy_view {
  std::string sha256; ///< of the file's text; empty: there is no file
  time_point loaded_at;
};

struct services_view {
  std::vector<service_view> items; ///< by name
  policy_view policy;
  std::size_t open_calls = 0; ///< over all services
  std::size_t max_open_calls = 0;
};

/// What a person wants of a service's breaker.
struct order_command {
  service_order order; ///< `at` is filled in
  /// Kept together with it.
  std::vector<note> notes = {};
};

/// The service as it is then. The faults are `not_found` and `disk`.
using order_answer = std::variant<service_view, fault>;

struct readiness {
  bool ready = false;
  bool stopping = false;
  std::string journal = "ok"; ///< or what is wrong with it, for people
};

/// Thread-safe. Callbacks come exactly once, from an actor's thread, and must
/// not block.
class coordinator {
public:
  virtual ~coordinator() = default;

  /// Answers when the job is journaled and fetched, or 2 s after the request if
  /// the gateway is slower, or as soon as it is clear that it is refused.
  virtual void intake(intake_command command,
                      std::function<void(intake_answer)> on_answer)
    = 0;

  /// Answers when the wish is on record, or is refused.
  virtual void control(control_command command,
                       std::function<void(control_answer)> on_answer)
    = 0;

  virtual void ask(job_query query, std::function<void(query_answer)> on_answer)
    = 0;

  virtual void ask(list_query query,
                   std::function<void(query_answer)> on_answer)
    = 0;

  virtual void services(std::function<void(services_view)> on_answer) = 0;

  /// Answers when the order is on record and obeyed.
  virtual void order(order_command command,
                     std::function<void(order_answer)> on_answer)
    = 0;

  /// Has notes written. @param on_kept With false when somebody else owns the
  /// journal by now; while the disk is away it waits.
  virtual void keep(std::vector<note> notes, std::function<void(bool)> on_kept)
    = 0;

  virtual readiness ready() const = 0;
};

} // namespace dubber
