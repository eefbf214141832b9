#include "actors/manager.hpp"

#include "actors/dying.hpp"

#include <caf/send.hpp>

namespace dubber {

manager_state::~manager_state() {
  for (auto& [job_no, live] : jobs)
    caf::anon_send_exit(live.actor, caf::exit_reason::user_shutdown);
}

manager_actor::behavior_type manager(manager_ptr self, context_ptr ctx,
                                     std::uint64_t next_job_no) {
  self->state.ctx = std::move(ctx);
  self->state.next_job_no = next_job_no;
  leave_word(self);
  self->set_down_handler([self](caf::down_msg& x) { on_job_down(self, x); });
  // `anon_send_exit` names the receiver as the source.
  self->set_exit_handler([self](caf::exit_msg& x) {
    if (!x.source || x.source == self->address())
      self->quit(x.reason);
  });
  return {
    [self](atom::start) {
      auto& st = self->state;
      if (!st.recovery_began) {
        st.recovery_began = now(self, *st.ctx);
        st.taken_up = 0;
      }
      st.listing = true;
      self->send(st.ctx->reader, list_unfinished{0, handle(self)});
    },
    [self](atom::stop) {
      self->state.stopping = true;
      refuse_all(self);
    },
    [self](intake_request& x) { on_intake(self, x); },
    [self](control_request& x) { on_control(self, x); },
    [self](job_ask& x) {
      auto& st = self->state;
      auto i = st.newest.find(x.query.job_id);
      // Before histories that are read to take up other jobs.
      if (i == st.newest.end() || x.query.kind == job_query::what::history
          || !st.jobs.at(i->second).loaded)
        self->send<caf::message_priority::high>(st.ctx->reader, std::move(x));
      else
        tell_job(self, i->second, std::move(x));
    },
    [self](const policy_change& x) {
      auto& all = *self->state.ctx;
      all.policies = *x.services;
      all.rules = x.rules;
      all.rules.follow(all.policies);
      for (auto& [service, gate] : all.gates)
        self->send(gate, gate_change{all.policies.at(service)});
    },
    [self](const job_news& x) { on_job_news(self, x); },
    [self](const newest_row& x) { on_newest(self, x); },
    [self](const unfinished_rows& x) { on_unfinished(self, x); },
    [self](const permit_granted& x) { on_permit(self, x); },
    [](const permit_judged&) {}, // it did not ask
    [self](atom::queue_full, std::uint64_t id) { on_no_permit(self, id); },
    [self](const permit_expired& x) { on_no_permit(self, x.id); },
    [self](const verified_source& x) { on_verified(self, x); },
    [self](const job_silenced& x) { on_silenced(self, x); },
  };
}

} // namespace dubber
