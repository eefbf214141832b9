#include "actors/dying.hpp"
#include "actors/job.hpp"

#include <utility>

/// What a JOB actor is made of, and which message goes where.
namespace dubber {

namespace {

thread_local job_ptr at_work = nullptr;

/// Whose turn it is, for a message of the manager: it lets no job go before
/// that has all of them.
job_ptr told_by_manager() {
  ++at_work->state.handled;
  return at_work;
}

job_actor::behavior_type behavior_of_all() {
  return {
    [](job_begin& x) { on_begin(told_by_manager(), x); },
    [](const history_loaded& x) { on_loaded(at_work, x); },
    [](stage_news& x) { on_stage_news(at_work, x); },
    [](stage_waits& x) { on_stage_waits(at_work, x); },
    [](permit_granted& x) { on_permit(at_work, x); },
    [](const permit_judged&) {}, // it is its stages that make calls
    [](atom::queue_full, std::uint64_t id) { on_queue_full(at_work, id); },
    [](permit_expired& x) { on_permit_expired(at_work, x); },
    [](const cache_found& x) { on_cache_found(at_work, x); },
    [](cache_missed& x) { on_cache_missed(at_work, x); },
    [](atom::wait, std::uint64_t id) { on_cache_wait(at_work, id); },
    [](const append_done& x) { on_appended(at_work, x); },
    [](const append_refused& x) {
      // Somebody else writes this job: it is not ours any more.
      at_work->quit(caf::make_error(caf::sec::runtime_error, x.why.message));
    },
    [](const report_news& x) { on_report_news(at_work, x); },
    [](job_control& x) {
      on_control(told_by_manager(), x);
      tell_manager(at_work);
    },
    [](const files_looked_for& x) {
      on_files_looked_for(at_work, x);
      tell_manager(at_work);
    },
    [](in::halt& x) {
      take(told_by_manager(), std::move(x));
      tell_manager(at_work);
    },
    [](job_ask& x) { on_ask(told_by_manager(), x); },
    [](job_watch& x) { on_watch(told_by_manager(), x); },
    [](atom::tick) { on_waited(at_work); },
    [](atom::park_over) { take(at_work, in::park_over{}); },
    [](atom::report) { report_progress(at_work); },
  };
}

} // namespace

caf::resumable::resume_result job_process::resume(caf::execution_unit* where,
                                                  std::size_t throughput) {
  // One may have its turn within another's, in tests.
  auto before = std::exchange(at_work, this);
  auto out = stateful_actor::resume(where, throughput);
  at_work = before;
  return out;
}

job_actor::behavior_type job(job_ptr self, context_ptr ctx,
                             manager_actor manager, const job_row& row,
                             bool fresh) {
  auto& init = self->state;
  init.ctx = std::move(ctx);
  init.manager = std::move(manager);
  init.job.book = init.ctx->pipelines.get();
  init.job.row.job_no = row.job_no; // the rest comes with the events
  init.job.row.job_id = row.job_id;
  init.loaded = fresh;
  explain_death(self);
  self->set_down_handler([self](caf::down_msg& x) {
    if (auto input = restart_stage(self, x))
      take(self, std::move(*input));
  });
  // Stages are linked so that they end with the job, not it with them. What the
  // manager has sent when it died itself names the receiver as the source.
  self->set_exit_handler([self](caf::exit_msg& x) {
    if (x.source == self->state.manager.address()
        || x.source == self->address())
      self->quit(x.reason);
  });
  if (!fresh)
    load(self);
  static const auto shared = behavior_of_all();
  return shared;
}

} // namespace dubber
