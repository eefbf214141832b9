#include "core/job/progress.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// Share of a dub's time by kind of work, on CPUs (docs/media.md: measured on
/// the embedded engines). Only their proportions matter.
double weight_of(work_kind kind) {
  switch (kind) {
  case work_kind::fetch:
    return 1;
  case work_kind::extract:
    return 4;
  case work_kind::transcribe:
    return 55;
  case work_kind::translate:
    return 10;
  case work_kind::speak:
    return 15;
  case work_kind::merge:
    return 12;
  case work_kind::upload:
    return 2;
  case work_kind::http:
    return 10; // nobody knows: as much as a translation
  default:
    return 1;
  }
}

/// How much of the stage is done, 0 to 1: chunks by their length, so that
/// cutting one takes nothing back.
double share_done(const job_state& st, std::uint32_t s) {
  auto& stage = st.stages[s];
  if (stage.status == stage_status::done)
    return 1;
  if (stage.items.empty())
    return 0;
  if (st.plan->stages[s].each == fan_out::chunks
      && st.spans.size() == stage.items.size()) {
    double all = 0;
    double got = 0;
    for (std::size_t i = 0; i < st.spans.size(); ++i) {
      all += st.spans[i].length();
      got += stage.items[i] ? st.spans[i].length() : 0;
    }
    return all > 0 ? got / all : 0;
  }
  return stage.done / static_cast<double>(stage.items.size());
}

} // namespace

double progress_of(const job_state& state) {
  if (state.row.status == job_status::completed)
    return 1;
  double all = 0;
  double got = 0;
  for (std::uint32_t i = 0; i < state.stages.size(); ++i) {
    auto weight = weight_of(state.plan->stages[i].kind);
    all += weight;
    got += weight * share_done(state, i);
  }
  return std::max(state.progress_floor, all > 0 ? got / all : 0);
}

} // namespace dubber
