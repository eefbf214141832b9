#include "actors/spawn.hpp"

#include "actors/cache.hpp"
#include "actors/gate.hpp"
#include "actors/janitor.hpp"
#include "actors/job.hpp"
#include "actors/journal_writer.hpp"
#include "actors/manager.hpp"
#include "actors/reader.hpp"
#include "actors/reporter.hpp"
#include "actors/supervisor.hpp"

namespace dubber {

namespace {

/// On a thread of its own, because it blocks; in simulation like all others.
template <class F, class... Ts>
auto spawn_blocking(caf::actor_system& sys, bool simulated, F f, Ts&&... xs) {
  return simulated ? sys.spawn(f, std::forward<Ts>(xs)...)
                   : sys.spawn<caf::detached>(f, std::forward<Ts>(xs)...);
}

} // namespace

actor_tree spawn_tree(caf::actor_system& sys, const context_ptr& ctx,
                      bool simulated) {
  actor_tree tree;
  auto keep = [&](const auto& hdl) {
    tree.all.push_back(caf::actor_cast<caf::actor>(hdl));
  };
  auto disk = spawn_blocking(sys, simulated, journal_disk, ctx);
  ctx->writer = sys.spawn(journal_writer, ctx, disk);
  ctx->reader = spawn_blocking(sys, simulated, reader, ctx);
  for (auto& [service, policy] : ctx->policies)
    if (!policy.policy_only)
      ctx->calls.add(service);
  for (auto& [service, policy] : ctx->policies)
    if (!policy.policy_only)
      ctx->gates[service] = sys.spawn(gate, ctx, service);
  ctx->reporter = sys.spawn(reporter, ctx);
  auto first = ctx->store->next_job_no();
  tree.manager = sys.spawn(manager, ctx, first ? *first : 1);
  ctx->janitor = spawn_blocking(sys, simulated, janitor, ctx);
  if (ctx->keep.cache_bytes > 0)
    ctx->cache = sys.spawn(cache, ctx);
  keep(ctx->janitor);
  keep(tree.manager);
  keep(ctx->reporter);
  for (auto& [service, hdl] : ctx->gates)
    keep(hdl);
  if (ctx->cache)
    keep(ctx->cache);
  keep(ctx->reader);
  keep(ctx->writer);
  keep(disk);
  return tree;
}

supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_setup setup) {
  auto simulated = setup.simulated;
  return spawn_blocking(sys, simulated, supervisor, std::move(setup));
}

stage_actor spawn_stage(job_process* parent, context_ptr ctx, stage_task task,
                        const stage_setup& setup, job_actor hdl) {
  return parent->spawn<caf::monitored + caf::linked>(
    stage, std::move(ctx), std::move(task), setup, std::move(hdl));
}

} // namespace dubber
