#include "actors/job.hpp"
#include "clients/call_key.hpp"

#include <algorithm>

/// Before work goes for a permit: its result may be there, or on its way.
namespace dubber {

namespace {

auto seeking_with(job_actor_state& st, std::uint64_t id) {
  return std::find_if(st.stages.begin(), st.stages.end(),
                      [&](auto& kvp) { return kvp.second.place.id() == id; });
}

} // namespace

bool seek(job_ptr self, work_ref work) {
  auto& st = self->state;
  auto& spec = st.job.plan->stages[work.stage];
  auto may = spec.http ? spec.http->cache : is_shareable(spec.kind);
  if (!st.ctx->cache || !may)
    return false;
  auto id = st.ctx->next_ticket();
  st.stages[work].place = cache_place{st.ctx->cache, id};
  auto retry = st.job.stages[work.stage].retry_of(work.item);
  st.live[work] = {retry ? retry->failed_attempts + 1 : 1, work_wait::identity};
  self->send(st.ctx->cache,
             cache_ask{id, make_order(st.job, work),
                       caf::actor_cast<result_seeker_actor>(self)});
  return true;
}

void on_cache_found(job_ptr self, const cache_found& x) {
  auto& st = self->state;
  auto i = seeking_with(st, x.id);
  if (i == st.stages.end())
    return;
  auto work = i->first;
  st.live[work].told = true;
  take(self, in::item_done{work, 0, *x.outcome});
  run_stages(self); // the next one may look, too
}

void on_cache_missed(job_ptr self, cache_missed& x) {
  auto& st = self->state;
  auto i = seeking_with(st, x.id);
  if (i == st.stages.end())
    return;
  if (!x.key.empty())
    i->second.key = std::move(x.key);
  set_out(self, i->first);
}

void on_cache_wait(job_ptr self, std::uint64_t id) {
  auto& st = self->state;
  auto i = seeking_with(st, id);
  if (i == st.stages.end())
    return;
  st.live[i->first].waits = work_wait::result;
  run_stages(self); // it is in nobody's way
}

} // namespace dubber
