#include "actors/job.hpp"

#include <algorithm>

namespace dubber {

namespace {

bool is_calling(const live_map& live) {
  return std::any_of(live.begin(), live.end(),
                     [](auto& x) { return x.second.is_called(); });
}

} // namespace

void forecast(job_ptr self) {
  auto& st = self->state;
  auto t = now(self, *st.ctx);
  if (st.job.is_active()) {
    st.ctx->forecasts.changed(st.job, is_calling(st.live), t);
  } else if (st.job.row.status == job_status::completed) {
    for (auto& x : st.ctx->forecasts.completed(st.job, t))
      st.ctx->metrics->time_left_judged(x.within_p50, x.within_p90);
  } else {
    st.ctx->forecasts.forget(st.job.row.job_no, t);
  }
}

void forecast_calls(job_ptr self) {
  auto& st = self->state;
  if (st.job.is_active())
    st.ctx->forecasts.calling(st.job.row.job_no, is_calling(st.live),
                              now(self, *st.ctx));
}

} // namespace dubber
