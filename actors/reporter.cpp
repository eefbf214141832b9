#include "actors/reporter.hpp"

#include "actors/dying.hpp"
#include "core/fail_point.hpp"
#include "core/overload.hpp"

#include <caf/send.hpp>

#include <utility>

namespace dubber {

namespace {

using reporter_ptr = reporter_actor::stateful_pointer<reporter_state>;
using rm = report_machine;

constexpr int progress_priority = -1'000'000;
constexpr int final_priority = 1'000'000;
constexpr ms queue_full_pause{1'000};

void feed(reporter_ptr self, std::uint64_t job_no, const rm::event& what);

/// The desk's progress has been told, or is not to be told any more.
void leave_window(reporter_state& st, report_desk& desk) {
  desk.in_line = false;
  if (std::exchange(desk.in_window, false))
    --st.in_window;
}

void ask_permit(reporter_ptr self, std::uint64_t job_no, report_desk& desk) {
  auto& st = self->state;
  if (!desk.job && !desk.in_window) {
    if (st.in_window >= progress_window) {
      desk.in_line = true;
      st.line.push_back(job_no);
      return;
    }
    desk.in_window = true;
    ++st.in_window;
  }
  ticket who{job_no, st.ctx->next_ticket()};
  auto& gate = st.ctx->gates.at("gateway");
  desk.pass = permit{gate, who};
  st.asking[who.id] = job_no;
  permit_request asked;
  asked.who = who;
  asked.wish = {desk.job ? final_priority : progress_priority, 1, false};
  asked.holder = caf::actor_cast<permit_holder_actor>(self);
  self->send(gate, std::move(asked));
}

/// Those whose turn it is, as far as there is room.
void next_in_line(reporter_ptr self) {
  auto& st = self->state;
  while (!st.line.empty() && st.in_window < progress_window) {
    auto job_no = st.line.front();
    st.line.pop_front();
    auto i = st.desks.find(job_no);
    if (i != st.desks.end() && std::exchange(i->second.in_line, false))
      ask_permit(self, job_no, i->second);
  }
}

void perform(reporter_ptr self, std::uint64_t job_no, report_desk& desk,
             rm::patch x) {
  desk.timer = 0;
  desk.next = report_desk::message{std::move(x)};
  ask_permit(self, job_no, desk);
}

void perform(reporter_ptr self, std::uint64_t job_no, report_desk& desk,
             rm::get x) {
  desk.timer = 0;
  desk.next = report_desk::message{x};
  ask_permit(self, job_no, desk);
}

void perform(reporter_ptr self, std::uint64_t job_no, report_desk& desk,
             rm::wait x) {
  desk.timer = ++self->state.timers;
  self->delayed_send(self, x.length, atom::tick_v, job_no, desk.timer);
  if (desk.job && x.because_it_failed)
    self->send(desk.job,
               report_news{
                 desk.debt, false, {}, now(self, *self->state.ctx) + x.length});
}

void perform(reporter_ptr self, std::uint64_t, report_desk& desk, rm::told) {
  if (desk.job)
    self->send(desk.job, report_news{desk.debt, true, {}, {}});
}

void perform(reporter_ptr self, std::uint64_t, report_desk& desk,
             rm::delivered x) {
  self->state.ctx->metrics->report_ended(x.outcome);
  DUBBER_FAIL_POINT("report.before_delivered");
  if (desk.job)
    self->send(desk.job, report_news{desk.debt, false, x.outcome, {}});
}

gateway_update update_of(const report_update& x) {
  gateway_update out;
  out.status = x.status;
  out.progress = x.progress;
  out.activity = x.activity;
  if (!x.time_left.empty())
    out.estimated_time_remaining = x.time_left;
  if (!x.output_object_key.empty())
    out.output_object_key = x.output_object_key;
  return out;
}

/// The permit is there: the call leaves.
void call(reporter_ptr self, std::uint64_t job_no, report_desk& desk,
          ms deadline) {
  auto& st = self->state;
  auto me = caf::actor_cast<reporter_actor>(self);
  auto what = std::exchange(desk.next, {});
  auto id = desk.pass.id();
  if (auto patch = std::get_if<rm::patch>(&*what)) {
    if (desk.job)
      DUBBER_FAIL_POINT("report.before_final_patch");
    desk.call = st.ctx->told->patch(
      desk.job_id, update_of(patch->update), deadline,
      [me, job_no, id](result<done> r) {
        rm::patched answer;
        if (!r)
          answer.error = r.error();
        caf::anon_send(me, gateway_answered{job_no, id, answer});
      });
    return;
  }
  desk.call = st.ctx->told->get(
    desk.job_id, deadline, [me, job_no, id](result<gateway_state> r) {
      rm::got answer;
      if (r) {
        answer.status = r->status;
        answer.output_object_key = r->output_object_key;
      } else {
        answer.error = r.error();
      }
      caf::anon_send(me, gateway_answered{job_no, id, answer});
    });
}

/// Gives the permit back with what the answer says of the gateway. A 500 to a
/// PATCH says nothing: that is how it answers "no such job" as well.
void end_permit(report_desk& desk, const rm::event& what) {
  auto error = std::visit(overload{
                            [](const rm::patched& x) { return x.error; },
                            [](const rm::got& x) { return x.error; },
                            [](const auto&) { return std::optional<fault>{}; },
                          },
                          what);
  if (!error)
    desk.pass.end(call_end::succeeded);
  else if (error->http_status == 500
           && std::holds_alternative<rm::patched>(what))
    desk.pass = {};
  else if (!blames_service(error->code))
    desk.pass.end(call_end::other);
  else
    desk.pass.end(error->code == fault_code::timeout ? call_end::timed_out
                                                     : call_end::failed);
}

/// How the machine learns that its call did not leave.
gateway_answered not_sent(const reporter_state& st, std::uint64_t job_no,
                          std::uint64_t ticket, const fault& why) {
  auto i = st.desks.find(job_no);
  auto get = i != st.desks.end() && i->second.next
             && std::holds_alternative<rm::get>(*i->second.next);
  if (get)
    return {job_no, ticket, rm::got{why, {}, {}}};
  return {job_no, ticket, rm::patched{why}};
}

void feed(reporter_ptr self, std::uint64_t job_no, const rm::event& what) {
  auto& desks = self->state.desks;
  auto i = desks.find(job_no);
  if (i == desks.end())
    return;
  for (auto& next : i->second.machine.on(what))
    std::visit([&](auto& x) { perform(self, job_no, i->second, std::move(x)); },
               next);
  if (i->second.machine.is_over() || i->second.machine.is_quiet())
    desks.erase(i);
}

/// Whatever was to be told of the job is not any more.
void close_desk(reporter_ptr self, std::uint64_t job_no) {
  auto desk = self->state.desks.extract(job_no);
  if (desk.empty())
    return;
  self->state.asking.erase(desk.mapped().pass.id());
  leave_window(self->state, desk.mapped());
  next_in_line(self);
}

/// Closes it if it tells of another debt: that one was taken back, and the
/// actor that should have said so died.
void close_other(reporter_ptr self, std::uint64_t job_no, std::uint64_t debt) {
  auto& desks = self->state.desks;
  if (auto i = desks.find(job_no);
      i != desks.end() && i->second.job && i->second.debt != debt)
    close_desk(self, job_no);
}

/// A progress that has not left yet gives way to the final state.
void drop_unsent(reporter_ptr self, std::uint64_t job_no, report_desk& desk) {
  auto& st = self->state;
  if (desk.job || !desk.next)
    return;
  leave_window(st, desk);
  st.asking.erase(desk.pass.id());
  desk.pass = {};
  desk.next.reset();
  feed(self, job_no, rm::patched{});
}

} // namespace

reporter_actor::behavior_type reporter(reporter_ptr self, context_ptr ctx) {
  self->state.ctx = std::move(ctx);
  leave_word(self);
  return {
    [self](const permit_granted& x) {
      auto& st = self->state;
      auto asked = st.asking.extract(x.id);
      if (asked.empty())
        return;
      auto i = st.desks.find(asked.mapped());
      if (i != st.desks.end() && i->second.pass.id() == x.id && i->second.next)
        call(self, i->first, i->second, x.deadline);
    },
    [](const permit_judged&) {}, // it did not ask
    [self](atom::queue_full, std::uint64_t id) {
      auto& st = self->state;
      auto asked = st.asking.extract(id);
      if (asked.empty())
        return;
      fault full{fault_code::busy, "the queue for the gateway is full", 0, {}};
      self->delayed_send(self, queue_full_pause,
                         not_sent(st, asked.mapped(), id, full));
    },
    [self](const permit_expired& x) {
      auto asked = self->state.asking.extract(x.id);
      if (!asked.empty())
        self->send(caf::actor_cast<reporter_actor>(self),
                   not_sent(self->state, asked.mapped(), x.id, x.why));
    },
    [self](progress_report& x) {
      close_other(self, x.job_no, 0); // nothing is owed
      auto& desk = self->state.desks[x.job_no];
      desk.job_id = x.job_id;
      if (desk.next && !desk.job) // has not left yet: the latest wins
        desk.next = report_desk::message{rm::patch{std::move(x.update)}};
      else
        feed(self, x.job_no, rm::progress{std::move(x.update)});
    },
    [self](owed_report& x) {
      close_other(self, x.job_no, x.debt);
      auto& desk = self->state.desks[x.job_no];
      drop_unsent(self, x.job_no, desk);
      desk.job_id = x.job_id;
      desk.job = std::move(x.job);
      desk.debt = x.debt;
      feed(self, x.job_no, rm::owe{std::move(x.final)});
      next_in_line(self);
    },
    [self](atom::withdraw, std::uint64_t job_no) { close_desk(self, job_no); },
    [self](const gateway_answered& x) {
      auto i = self->state.desks.find(x.job_no);
      if (i == self->state.desks.end() || i->second.pass.id() != x.ticket)
        return;
      if (i->second.job && std::holds_alternative<rm::patched>(x.what))
        DUBBER_FAIL_POINT("report.after_final_patch");
      if (i->second.job && std::holds_alternative<rm::got>(x.what))
        DUBBER_FAIL_POINT("report.after_check");
      i->second.call.release();
      end_permit(i->second, x.what);
      leave_window(self->state, i->second);
      feed(self, x.job_no, x.what);
      next_in_line(self);
    },
    [self](atom::tick, std::uint64_t job_no, std::uint64_t generation) {
      auto i = self->state.desks.find(job_no);
      if (i != self->state.desks.end() && i->second.timer == generation)
        feed(self, job_no, rm::timer{});
    },
  };
}

} // namespace dubber
