#include "core/eta/work_left.hpp"

#include "core/job/apart.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// docs/media.md: longer sound is cut into chunks of about this length.
constexpr double longest_uncut = 600;
constexpr double usual_chunk = 300;

struct outlook {
  const call_costs& costs;
  double seconds;  ///< of media
  double segments; ///< in it

  double chunk() const {
    return seconds <= longest_uncut ? seconds : usual_chunk;
  }

  double calls(fan_out each) const {
    switch (each) {
    case fan_out::chunks:
      return std::max(1.0, std::ceil(seconds / chunk()));
    case fan_out::segments:
      return segments;
    default:
      return 1;
    }
  }

  double one(work_kind kind) const {
    switch (kind) {
    case work_kind::transcribe:
      return costs.of(kind, chunk());
    case work_kind::translate:
      return costs.of(kind, 0);
    case work_kind::speak:
      return costs.of(kind, seconds / segments);
    default:
      return costs.of(kind, seconds);
    }
  }

  /// Seconds of media that one call of an `http` stage is about.
  double about(fan_out each) const {
    return each == fan_out::segments ? seconds / segments : seconds;
  }
};

void need(work_left& out, work_kind kind, double calls, double cost) {
  auto i = index_of(kind);
  out.cost[i] += static_cast<float>(cost);
  out.calls[i] = static_cast<std::uint16_t>(
    std::min(65'535.0, out.calls[i] + std::ceil(calls)));
}

outlook outlook_of(const job_state& st, const call_costs& costs) {
  auto seconds = st.media ? st.media->seconds : costs.usual_seconds();
  auto segments = st.segments > 0 ? static_cast<double>(st.segments)
                                  : costs.usual_segments(seconds);
  return {costs, std::max(1.0, seconds), segments};
}

/// Chunks by their own length: one may be cut in two.
void need_chunks(work_left& out, const job_state& st,
                 const stage_progress& stage, const call_costs& costs) {
  for (std::size_t i = 0; i < st.spans.size(); ++i)
    if (!stage.items[i])
      need(out, work_kind::transcribe, 1,
           costs.of(work_kind::transcribe, st.spans[i].length()));
}

} // namespace

work_left work_left_of(const job_state& state, const call_costs& costs,
                       const own_costs& own) {
  work_left out;
  out.length_known = state.media.has_value();
  out.pioneer = false;
  auto all = outlook_of(state, costs);
  auto first = true;
  for (std::size_t s = 0; s < state.stages.size(); ++s) {
    auto& stage = state.stages[s];
    auto& spec = state.plan->stages[s];
    if (stage.status == stage_status::done
        || is_stopped(state, {static_cast<std::uint32_t>(s), 0}))
      continue;
    auto calls = stage.items.empty()
                   ? all.calls(spec.each)
                   : static_cast<double>(stage.items.size() - stage.done);
    if (spec.kind == work_kind::http) {
      out.at_own |= first;
      out.own += static_cast<float>(
        own.length(spec.service, calls, all.about(spec.each)));
      out.own_services |= own.bit(spec.service);
      continue;
    }
    if (first)
      out.at = spec.kind;
    first = false;
    if (spec.each == fan_out::segments
        && (stage.items.empty() || !stage.items[0]))
      out.pioneer = true;
    if (spec.kind == work_kind::transcribe && !stage.items.empty()
        && state.spans.size() == stage.items.size()) {
      need_chunks(out, state, stage, costs);
      continue;
    }
    need(out, spec.kind, calls, calls * all.one(spec.kind));
  }
  if (first)
    out.at = work_kind::report;
  return out;
}

work_left usual_work(const call_costs& costs) {
  job_state nothing_done;
  nothing_done.stages.resize(nothing_done.plan->stages.size());
  return work_left_of(nothing_done, costs);
}

} // namespace dubber
