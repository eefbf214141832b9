#include "actors/supervisor.hpp"

#include "actors/dying.hpp"
#include "actors/gate.hpp"
#include "metrics/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace dubber {

namespace {

using supervisor_ptr = supervisor_actor::stateful_pointer<supervisor_state>;

constexpr ms journal_retry{1'000};

/// Ended on purpose, by the program or a test.
bool is_wanted(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown
         || reason == caf::exit_reason::kill;
}

time_point now(supervisor_ptr self) {
  return now(self, *self->state.setup.board->now()->ctx);
}

void watch(supervisor_ptr self) {
  auto& st = self->state;
  st.alive.clear();
  for (auto& hdl : st.setup.board->now()->tree.all) {
    self->monitor(hdl);
    st.alive.insert(hdl.address());
  }
}

void give_up(supervisor_ptr self, const std::string& why) {
  log::write(log::level::error, "tree.given_up", {{"reason", why}});
  self->state.setup.give_up(why);
  self->quit();
}

/// Counts the death against the job over which it happened.
void suspect(supervisor_ptr self, const death& of) {
  auto t = now(self);
  std::erase_if(self->state.suspects, [t](auto& kvp) {
    return t > kvp.second.last + 2 * longest_put_off;
  });
  auto& x = self->state.suspects[of.job_no];
  x.last = t;
  if (x.deaths.may_restart(t) && !x.condemned)
    return;
  x.why = "an actor died over it again and again (" + of.kind + "): " + of.why;
  if (x.condemned) { // also over what it takes to park it
    x.put_off = x.put_off == ms{0} ? first_put_off
                                   : std::min(2 * x.put_off, longest_put_off);
    x.until = t + x.put_off;
    log::write(log::level::error, "job.put_off",
               {{"job_no", std::to_string(of.job_no)},
                {"for_ms", std::to_string(x.put_off.count())},
                {"reason", x.why}});
  }
  x.condemned = true;
}

/// An actor of the tree died: all others end.
void fall(supervisor_ptr self, const caf::error& reason) {
  auto& st = self->state;
  auto standing = st.setup.board->now();
  auto said = standing->ctx->deaths.take().value_or(
    death{"unknown", 0, self->system().render(reason)});
  standing->ctx->metrics->actor_restarted(said.kind);
  std::vector<log::field> fields{{"kind", said.kind}, {"reason", said.why}};
  if (said.job_no != 0)
    fields.emplace_back("job_no", std::to_string(said.job_no));
  log::write(log::level::error, "actor.restarted", fields);
  if (said.job_no != 0)
    suspect(self, said);
  if (!st.restarts.may_restart(now(self))) {
    give_up(self, "actors that all jobs share died more than "
                    + std::to_string(most_tree_restarts)
                    + " times in a minute; the last one, " + said.kind + ": "
                    + said.why);
    return;
  }
  st.falling = true;
  st.fell_at = now(self);
  for (auto& hdl : standing->tree.all)
    caf::anon_send_exit(hdl, caf::exit_reason::user_shutdown);
  self->delayed_send(self, longest_fall, atom::tick_v);
}

/// What the next tree has to know of jobs that others died over.
void warn_of_suspects(supervisor_ptr self, context& ctx) {
  for (auto& [job_no, x] : self->state.suspects) {
    if (x.condemned && now(self) < x.last + suspicion)
      ctx.condemned[job_no] = x.why;
    if (x.until)
      ctx.put_off[job_no] = *x.until;
  }
}

/// All of the old tree are gone: the next one is spawned.
void rise(supervisor_ptr self) {
  auto& st = self->state;
  auto made = st.setup.make(*st.setup.board->now()->ctx);
  if (!made) {
    if (!std::exchange(st.away, true))
      log::write(log::level::error, "recovery.failed",
                 {{"reason", made.error().message}});
    self->delayed_send(self, journal_retry, atom::tick_v);
    return;
  }
  auto ctx = std::move(*made);
  warn_of_suspects(self, *ctx);
  auto stands = st.setup.board->raise([&] {
    auto tree = spawn_tree(self->home_system(), ctx, st.setup.simulated);
    return tree_board::standing{ctx, std::move(tree)};
  });
  if (!stands) {
    self->quit();
    return;
  }
  if (std::exchange(st.away, false))
    log::write(log::level::info, "recovery.goes_on");
  st.falling = false;
  watch(self);
  auto manager = st.setup.board->now()->tree.manager;
  st.setup.greet(manager);
  self->send(manager, atom::start_v);
}

void on_down(supervisor_ptr self, const caf::down_msg& x) {
  auto& st = self->state;
  st.alive.erase(x.source);
  if (!st.falling && !is_wanted(x.reason))
    fall(self, x.reason);
  if (st.falling && st.alive.empty())
    rise(self);
}

} // namespace

bool tree_board::raise(const std::function<standing()>& spawn) {
  std::lock_guard raising{raising_};
  if (closed_)
    return false;
  auto next = std::make_shared<const standing>(spawn());
  std::lock_guard lock{mutex_};
  now_ = std::move(next);
  return true;
}

std::shared_ptr<const tree_board::standing> tree_board::close() {
  std::lock_guard raising{raising_};
  closed_ = true;
  return now();
}

std::optional<fault> open_journal(context& ctx) {
  auto epoch = ctx.store->open_epoch();
  if (!epoch)
    return epoch.error();
  auto orders = read_orders(*ctx.store);
  if (!orders)
    return orders.error();
  if (auto next = ctx.store->next_job_no(); !next) // the manager's first look
    return next.error();
  ctx.epoch = *epoch;
  ctx.orders = std::move(*orders);
  return std::nullopt;
}

result<context_ptr> context_after(const context& before) {
  auto ctx = std::make_shared<context>();
  ctx->policies = before.policies;
  ctx->pipelines = before.pipelines;
  ctx->workers = before.workers;
  ctx->told = before.told;
  ctx->store = before.store;
  ctx->files = before.files;
  ctx->metrics = before.metrics;
  ctx->window = before.window;
  ctx->max_open_jobs = before.max_open_jobs;
  ctx->rules = before.rules;
  ctx->keep = before.keep;
  ctx->wall_origin = before.wall_origin;
  ctx->clock_origin = before.clock_origin;
  ctx->speeds = before.speeds.renewed();
  ctx->forecasts.follow(before.forecasts);
  ctx->calls.set_limit(before.calls.limit());
  if (auto why = open_journal(*ctx))
    return *why;
  return ctx;
}

supervisor_actor::behavior_type supervisor(supervisor_ptr self,
                                           supervisor_setup setup) {
  self->state.setup = std::move(setup);
  self->set_down_handler([self](caf::down_msg& x) { on_down(self, x); });
  self->set_exception_handler([self](std::exception_ptr& x) -> caf::error {
    auto why = text_of(x); // nobody watches over it
    self->state.setup.give_up("the supervisor died: " + why);
    return caf::make_error(caf::sec::runtime_error, why);
  });
  watch(self);
  return {
    [self](atom::tick) {
      auto& st = self->state;
      if (st.falling && st.alive.empty())
        rise(self);
      else if (st.falling && now(self) >= st.fell_at + longest_fall)
        give_up(self, "actors did not end in time to be started again");
    },
  };
}

} // namespace dubber
