#include "actors/janitor.hpp"

#include "actors/dying.hpp"
#include "metrics/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace dubber {

namespace {

using janitor_ptr = janitor_actor::stateful_pointer<janitor_state>;

/// Histories removed in one transaction: a short wait for the writer.
constexpr std::size_t prune_batch = 100;
constexpr ms sweep_deadline{3'600'000};

/// A tenth of the shorter retention, between a second and ten minutes.
ms interval(const retention_policy& keep) {
  auto shorter = std::min(keep.history, keep.artifacts);
  return std::clamp(shorter / 10, ms{1'000}, ms{600'000});
}

void trouble(const char* what, const fault& why) {
  log::write(log::level::warn, "upkeep.failed",
             {{"what", what}, {"reason", why.message}});
}

/// @returns Whether there may be more to remove.
bool prune(janitor_ptr self) {
  auto& ctx = *self->state.ctx;
  auto before = now(self, ctx) - std::max(ctx.keep.history, ctx.keep.artifacts);
  auto ended = ctx.store->list_ended(before, prune_batch);
  if (!ended) {
    trouble("histories", ended.error());
    return false;
  }
  std::vector<std::uint64_t> job_nos;
  for (auto& row : *ended)
    job_nos.push_back(row.job_no);
  if (job_nos.empty())
    return false;
  if (auto gone = ctx.store->prune(job_nos); !gone) {
    trouble("histories", gone.error());
    return false;
  }
  ctx.metrics->histories_pruned(job_nos.size());
  return job_nos.size() == prune_batch;
}

void sweep(janitor_ptr self) {
  auto& st = self->state;
  auto before = now(self, *st.ctx) - st.ctx->keep.artifacts;
  auto me = caf::actor_cast<janitor_actor>(self);
  st.sweep = st.ctx->files->sweep(
    "artifacts/", before,
    // What cannot be told is kept.
    [store = st.ctx->store, before](const std::string& key) {
      auto named = store->is_named(key, before);
      return named && !*named;
    },
    sweep_deadline,
    [me](result<sweep_result> r) {
      caf::anon_send(
        me, swept{std::make_shared<result<sweep_result>>(std::move(r))});
    });
}

/// Results that others may use, down to what is allowed.
void trim(janitor_ptr self) {
  auto& ctx = *self->state.ctx;
  auto before = now(self, ctx) - ctx.keep.cache_age;
  for (;;) {
    auto stock = ctx.store->trim_results({ctx.keep.cache_bytes, before});
    if (!stock)
      return trouble("results", stock.error());
    ctx.metrics->results_kept(stock->results, stock->bytes, stock->removed);
    if (stock->removed > 0 && ctx.cache)
      self->send(ctx.cache, atom::prune_v);
    if (!stock->more)
      return;
  }
}

} // namespace

janitor_actor::behavior_type janitor(janitor_ptr self, context_ptr ctx) {
  self->state.ctx = std::move(ctx);
  leave_word(self);
  // What is kept shows from the start.
  self->send(caf::actor_cast<janitor_actor>(self), used_results{{}, true});
  self->delayed_send(self, interval(self->state.ctx->keep), atom::tick_v);
  return {
    [self](atom::tick) {
      self->state.ctx->speeds.save();
      self->state.ctx->forecasts.save(now(self, *self->state.ctx));
      trim(self);
      if (self->state.ctx->files)
        sweep(self);
      else
        self->send(caf::actor_cast<janitor_actor>(self), atom::prune_v);
    },
    [self](const swept& x) {
      self->state.sweep.release();
      if (!*x.outcome)
        trouble("artifacts", x.outcome->error());
      else if ((*x.outcome)->removed > 0)
        self->state.ctx->metrics->artifacts_removed((*x.outcome)->removed,
                                                    (*x.outcome)->bytes);
      self->send(caf::actor_cast<janitor_actor>(self), atom::prune_v);
    },
    [self](atom::prune) {
      if (prune(self))
        self->send(caf::actor_cast<janitor_actor>(self), atom::prune_v);
      else
        self->delayed_send(self, interval(self->state.ctx->keep), atom::tick_v);
    },
    [self](const used_results& x) {
      auto marked = self->state.ctx->store->mark_used(x.uses);
      if (!marked)
        trouble("results", marked.error());
      if (x.trim)
        trim(self);
    },
  };
}

} // namespace dubber
