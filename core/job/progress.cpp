#include "core/job/progress.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// Of a call of the pipeline's own nobody knows: as much as a translation.
constexpr float call_weight = 0.1F;

/// How much of the stage is done, 0 to 1: chunks by their length, so that
/// cutting one takes nothing back.
double share_done(const job_state& st, std::size_t s) {
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

stage_weights first_weights() {
  stage_weights out{};
  out[index_of(work_kind::fetch)] = 0.01F;
  out[index_of(work_kind::extract)] = 0.04F;
  out[index_of(work_kind::transcribe)] = 0.55F;
  out[index_of(work_kind::translate)] = 0.10F;
  out[index_of(work_kind::speak)] = 0.15F;
  out[index_of(work_kind::merge)] = 0.12F;
  out[index_of(work_kind::upload)] = 0.02F;
  out[index_of(work_kind::report)] = 0.01F;
  return out;
}

double progress_of(const job_state& state, const stage_weights& weights) {
  if (state.row.status == job_status::completed)
    return 1;
  double all = 0;
  double got = 0;
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    auto kind = state.plan->stages[i].kind;
    auto weight
      = kind == work_kind::http ? call_weight : weights[index_of(kind)];
    all += weight;
    got += weight
           * std::max<double>(state.stages[i].counted, share_done(state, i));
  }
  return all > 0 ? got / all : 0;
}

void count_done(job_state& state) {
  for (std::size_t i = 0; i < state.stages.size(); ++i) {
    auto& stage = state.stages[i];
    auto share = share_done(state, i);
    auto rounded = static_cast<float>(share);
    if (rounded < share)
      rounded = std::nextafter(rounded, 1.0F);
    stage.counted = std::max(stage.counted, rounded);
  }
}

} // namespace dubber
