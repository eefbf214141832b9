#include "actors/stage.hpp"

#include "actors/dying.hpp"
#include "actors/job_log.hpp"
#include "core/fail_point.hpp"

#include <caf/send.hpp>

namespace dubber {

namespace {

using sm = stage_machine;

void say_waiting(stage_ptr self, work_wait why,
                 std::optional<time_point> until = std::nullopt,
                 bool asks_leave = false) {
  auto& st = self->state;
  self->send(st.job, stage_waits{st.task.work, st.machine.attempt(), why, until,
                                 asks_leave});
}

void feed(stage_ptr self, const sm::event& what);

void take(stage_ptr self, permit_granted& x) {
  auto& st = self->state;
  st.held += x.held;
  st.granted = x.id;
  st.deadline = x.deadline;
  st.maybe_too_long = x.maybe_too_long;
  st.url = std::move(x.url);
  feed(self, sm::granted{});
}

void perform(stage_ptr self, sm::ask_permit) {
  auto& st = self->state;
  if (auto first = std::exchange(st.task.first, nullptr)) {
    st.pass = std::move(first->pass);
    take(self, first->granted);
    return;
  }
  st.awaits_leave = std::exchange(st.forgiven, false);
  say_waiting(self, work_wait::permit, std::nullopt, st.awaits_leave);
  if (st.awaits_leave)
    return;
  auto& gate = st.ctx->gates.at(st.task.order->service);
  ticket who{st.task.order->job_no, st.ctx->next_ticket()};
  st.pass = permit{gate, who};
  auto asked = request_for(*st.task.order, st.task.priority,
                           st.machine.attempt(), st.machine.failed_before());
  asked.who = who;
  asked.holder = caf::actor_cast<permit_holder_actor>(self);
  self->send(gate, std::move(asked));
}

void perform(stage_ptr self, sm::forgive x) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  if (!st.down_since)
    st.down_since = st.called_at;
  st.held += t - st.called_at;
  st.forgiven = true;
  st.ctx->metrics->attempt_forgiven(st.task.order->service);
  log_forgiven(*st.task.order, st.machine.attempt(), x.why,
               *st.task.traceparent);
}

void perform(stage_ptr self, sm::call x) {
  auto& st = self->state;
  attempt_info info;
  info.number = x.attempt;
  info.timeout = st.deadline;
  info.url = std::exchange(st.url, {});
  info.traceparent = *st.task.traceparent;
  st.called_at = now(self, *st.ctx);
  say_waiting(self, work_wait::nothing);
  auto me = caf::actor_cast<stage_actor>(self);
  st.call
    = st.ctx->workers.at(st.task.order->kind)
        ->start(st.task.order, info,
                [me, n = x.attempt](result<work_result> outcome) {
                  caf::anon_send(
                    me, attempt_ended{n, std::make_shared<result<work_result>>(
                                           std::move(outcome))});
                });
}

/// How long a call takes that succeeds, for the time left.
void learn_time(stage_ptr self) {
  auto& st = self->state;
  auto& order = *st.task.order;
  auto media = media_seconds(order);
  // Of the source it is known only now.
  if (auto sound = std::get_if<extracted>(&**st.outcome))
    media = sound->seconds;
  st.ctx->forecasts.saw_call(order.kind, order.service, media,
                             now(self, *st.ctx) - st.called_at);
}

void perform(stage_ptr self, sm::end_permit x) {
  auto& st = self->state;
  auto& outcome = *st.outcome;
  st.ctx->metrics->attempt_ended(st.task.order->service,
                                 outcome ? std::string_view{"ok"}
                                         : to_string(outcome.error().code));
  if (outcome) {
    learn_time(self);
    st.pass.end(call_end::succeeded);
  } else if (x.blamed)
    st.pass.end(outcome.error().code == fault_code::timeout
                  ? call_end::timed_out
                  : call_end::failed,
                caf::actor_cast<permit_holder_actor>(self));
  else if (!is_retryable(outcome.error().code))
    st.pass.end(call_end::other);
  else
    st.pass = {}; // a full disk, work that may be too long: not its doing
}

void perform(stage_ptr self, sm::record_failure x) {
  auto& st = self->state;
  DUBBER_FAIL_POINT("stage.before_failure_record");
  self->send(st.job, stage_news{st.task.work, st.task.order->run,
                                in::attempt_failed{st.task.work, x.attempt,
                                                   std::move(x.why), x.pause}});
}

void perform(stage_ptr self, sm::pause x) {
  auto& st = self->state;
  if (st.disk_since)
    st.held += x.length;
  say_waiting(self, x.why, now(self, *st.ctx) + x.length);
  self->delayed_send(self, x.length, atom::tick_v, std::uint64_t{++st.ticks});
}

void perform(stage_ptr self, sm::finish x) {
  auto& st = self->state;
  DUBBER_FAIL_POINT("stage.before_result_record");
  self->send(
    st.job,
    stage_news{
      st.task.work, st.task.order->run,
      in::item_done{st.task.work, x.attempt, std::move(**st.outcome),
                    st.task.key ? std::move(*st.task.key) : std::string{}}});
}

void perform(stage_ptr self, sm::give_up x) {
  auto& st = self->state;
  self->send(
    st.job, stage_news{st.task.work, st.task.order->run,
                       in::gave_up{st.task.work, x.attempt, std::move(x.why)}});
}

/// What the machine has to know of the time, and of the policy as it is now.
sm::failed failure(stage_ptr self, fault why) {
  auto& st = self->state;
  auto& policy = st.ctx->policy_of(*st.task.policy);
  st.machine.follow(policy.retry, policy.total_timeout, policy.max_hold);
  auto t = now(self, *st.ctx);
  if (!is_hold(why.code))
    st.disk_since.reset();
  else if (!st.disk_since) {
    st.disk_since = t;
    log_held(*st.task.order, st.machine.attempt(), why, *st.task.traceparent);
  }
  sm::failed out;
  out.spent = t - st.started - st.held;
  out.held = st.disk_since ? t - *st.disk_since : ms{0};
  out.down = st.down_since ? t - *st.down_since : ms{0};
  out.maybe_too_long = st.maybe_too_long;
  out.why = std::move(why);
  return out;
}

void feed(stage_ptr self, const sm::event& what) {
  for (auto& next : self->state.machine.on(what, self->state.ctx->chance()))
    std::visit([self](auto& x) { perform(self, std::move(x)); }, next);
}

/// Whose turn it is.
thread_local stage_ptr at_work = nullptr;

void on_judged(stage_ptr self, const permit_judged& x) {
  auto& st = self->state;
  if (x.id != st.granted)
    return;
  if (!st.failed_at)
    st.failed_at = now(self, *st.ctx);
  auto only_failures = x.failing_since && *x.failing_since <= *st.failed_at;
  if (!x.service_down && !only_failures)
    st.down_since.reset();
  feed(self, sm::judged{x.service_down, only_failures});
}

/// Its ticket is worth nothing any more. @returns False where it is another's.
bool drop_ticket(stage_ptr self, std::uint64_t id) {
  auto is_ours = id == self->state.pass.id();
  if (is_ours)
    self->state.pass = {};
  return is_ours;
}

void on_start(stage_ptr self) {
  if (std::exchange(self->state.awaits_leave, false))
    perform(self, sm::ask_permit{});
  else
    feed(self, sm::start{});
}

void on_attempt_ended(stage_ptr self, attempt_ended& x) {
  auto& st = self->state;
  if (x.attempt != st.machine.attempt())
    return;
  st.call.release();
  st.outcome = std::move(x.outcome);
  if (*st.outcome)
    feed(self, sm::replied{});
  else
    feed(self, failure(self, st.outcome->error()));
}

stage_actor::behavior_type behavior_of_all() {
  return {
    [](permit_granted& x) {
      if (x.id == at_work->state.pass.id())
        take(at_work, x);
    },
    [](const permit_judged& x) { on_judged(at_work, x); },
    [](atom::queue_full, std::uint64_t id) {
      if (drop_ticket(at_work, id))
        feed(at_work, sm::queue_full{});
    },
    [](permit_expired& x) {
      if (drop_ticket(at_work, x.id))
        feed(at_work, sm::expired{std::move(x.why)});
    },
    [](atom::start) { on_start(at_work); },
    [](attempt_ended& x) { on_attempt_ended(at_work, x); },
    [](atom::recorded) { feed(at_work, sm::recorded{}); },
    [](atom::tick, std::uint64_t generation) {
      if (generation == at_work->state.ticks)
        feed(at_work, sm::pause_over{});
    },
  };
}

} // namespace

permit_request request_for(const work_order& order, int priority, int attempt,
                           bool failed_before) {
  permit_request out;
  out.media_seconds = media_seconds(order);
  out.wish = {priority, 1 + out.media_seconds, failed_before};
  out.attempt = attempt;
  out.may_be_halved = may_be_halved(order);
  return out;
}

caf::resumable::resume_result stage_process::resume(caf::execution_unit* where,
                                                    std::size_t throughput) {
  // One may have its turn within another's, in tests.
  auto before = std::exchange(at_work, this);
  auto out = stateful_actor::resume(where, throughput);
  at_work = before;
  return out;
}

stage_actor::behavior_type stage(stage_ptr self, context_ptr ctx,
                                 stage_task task, const stage_setup& setup,
                                 job_actor job) {
  explain_death(self);
  auto& st = self->state;
  st.machine = stage_machine{setup};
  st.ctx = std::move(ctx);
  st.task = std::move(task);
  st.job = std::move(job);
  st.started = st.task.first ? st.task.first->asked_at : now(self, *st.ctx);
  static const auto shared = behavior_of_all();
  return shared;
}

} // namespace dubber
