#include "actors/answers.hpp"

#include "core/job/editing.hpp"
#include "core/job/facts.hpp"
#include "core/job/stage_marks.hpp"
#include "core/lanes.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// What the work waits for, as it is shown.
std::optional<waiting_view> wait_of(const job_state& st, work_ref work,
                                    const live_work& is) {
  if (is.waits == work_wait::nothing)
    return std::nullopt;
  if (is.waits == work_wait::identity)
    return waiting_view{};
  return waiting_view{std::string{to_string(is.waits)},
                      st.plan->stages[work.stage].service, is.until};
}

std::string status_of(const job_state& st, std::uint32_t s,
                      const live_map& live) {
  switch (st.stages[s].status) {
  case stage_status::pending:
    return "pending";
  case stage_status::done:
    return "done";
  case stage_status::failed:
    return "failed";
  case stage_status::running:
    break;
  }
  auto i = live.lower_bound({s, 0});
  auto waits = false;
  for (; i != live.end() && i->first.stage == s; ++i) {
    if (i->second.waits == work_wait::nothing)
      return "running";
    waits = true;
  }
  if (waits)
    return "waiting";
  // Begun, and nothing of it is done while the job rests or when it has ended.
  return st.is_active() ? "running" : "pending";
}

/// How it is with one language that is neither stopped nor stored.
std::string result_state(job_status status) {
  if (status == job_status::completed)
    return "done"; // by a pipeline that stores nothing
  if (status == job_status::cancelled)
    return "cancelled";
  return is_final(status) ? "failed" : "running";
}

/// Items of the stage that have no result of their own: degraded in it or
/// before it.
std::uint32_t missing_in(const job_state& st, std::uint32_t s) {
  if (st.plan->stages[s].each != fan_out::segments
      || st.stages[s].items.empty())
    return 0;
  auto& degraded = st.dub(st.plan->stages[s].lane).degraded;
  std::map<std::string_view, bool> rests; // on the stage that gave up
  return static_cast<std::uint32_t>(
    std::count_if(degraded.begin(), degraded.end(), [&](auto& x) {
      auto [i, added] = rests.try_emplace(x.second.stage);
      if (added)
        i->second = goes_without(*st.plan, s, x.second);
      return i->second;
    }));
}

/// Chunks that were cut in two: their parts count instead.
std::uint32_t halved_in(const job_state& st, std::uint32_t s) {
  if (st.plan->stages[s].each != fan_out::chunks)
    return 0;
  return static_cast<std::uint32_t>(std::count_if(
    st.spans.begin(), st.spans.end(), [](auto& x) { return x.length() <= 0; }));
}

stage_view stage_of(const job_state& st, std::uint32_t s,
                    const live_map& live) {
  auto& stage = st.stages[s];
  auto& spec = st.plan->stages[s];
  stage_view view;
  view.name = spec.name;
  view.kind = to_string(spec.kind);
  view.state = status_of(st, s, live);
  view.attempt = stage.attempt;
  view.started_at = stage.started_at;
  view.ended_at = stage.ended_at;
  auto halved = halved_in(st, s);
  auto missing = missing_in(st, s);
  view.items_total = static_cast<std::uint32_t>(stage.items.size()) - halved;
  view.items_done = stage.done - halved - missing;
  view.items_cached = stage.cached;
  view.items_failed = missing + (stage.status == stage_status::failed ? 1 : 0);
  for (auto i = live.lower_bound({s, 0});
       i != live.end() && i->first.stage == s; ++i) {
    view.attempt = std::max(view.attempt, i->second.attempt);
    if (view.state == "waiting" && !view.waiting_for)
      view.waiting_for = wait_of(st, i->first, i->second);
  }
  return view;
}

/// What a segment waits for, in whichever stage it is.
std::optional<waiting_view> wait_of_segment(const job_state& st,
                                            const live_map& live,
                                            std::uint32_t lane,
                                            std::uint32_t n) {
  for (std::uint32_t s = 0; s < st.stages.size(); ++s)
    if (st.plan->stages[s].each == fan_out::segments
        && works_for(st.plan->stages[s], lane))
      if (auto i = live.find({s, n});
          i != live.end() && i->second.waits != work_wait::nothing)
        return wait_of(st, i->first, i->second);
  return std::nullopt;
}

error_view error_of(const job_state& st, const job_error& error) {
  error_view out{error.why, error.stage, std::nullopt};
  auto i = st.plan->find(error.stage);
  if (i >= 0
      && st.plan->stages[static_cast<std::size_t>(i)].each == fan_out::segments)
    out.segment = error.item;
  return out;
}

/// What there is in one language.
void show_result(const job_state& st, std::uint32_t lane, job_view& view) {
  auto& dub = st.dub(lane);
  auto language = language_in(st, lane);
  result_view out{language,
                  result_state(st.row.status),
                  std::nullopt,
                  dub.output_object_key,
                  dub.degraded.size(),
                  artifacts_of(st, lane)};
  if (dub.stopped) {
    out.state = "stopped";
    out.error = error_of(st, dub.stopped->error);
  } else if (!dub.output_object_key.empty()) {
    out.state = "done";
  }
  view.results.push_back(std::move(out));
  view.degraded_count += dub.degraded.size();
  for (auto& [segment, what] : dub.degraded) {
    if (view.degraded.size() == most_degraded_shown)
      break;
    view.degraded.push_back({segment, what, language});
  }
}

} // namespace

fault pipeline_missing(const job_state& state) {
  return {fault_code::disk,
          "the definition of the pipeline \"" + state.row.pipeline
            + "\", which the job began with, cannot be read from the journal",
          0,
          {}};
}

job_view view_of(const job_state& state, const live_map& live,
                 const stage_weights& weights) {
  job_view view;
  view.row = state.row;
  view.progress = progress_of(state, weights);
  for (std::uint32_t s = 0; s < state.stages.size(); ++s)
    view.stages.push_back(stage_of(state, s, live));
  for (auto& stage : view.stages)
    if (stage.waiting_for && !view.waiting_for)
      view.waiting_for = stage.waiting_for;
  if (state.source) {
    view.source_language = state.source->options->source_language;
    view.gateway_json = state.source->gateway_json;
  }
  if (state.error) {
    view.error = error_of(state, *state.error);
  }
  for (std::uint32_t lane = 0; lane < lanes_of(*state.plan); ++lane)
    show_result(state, lane, view);
  view.output_object_key = state.output_object_key;
  view.artifacts = view.results.front().artifacts;
  if (auto i = view.artifacts.find("report"); i != view.artifacts.end())
    view.report_key = i->second;
  return view;
}

void show_time_left(job_view& view, const forecast_board& forecasts,
                    time_point now) {
  if (auto left = forecasts.left(view.row.job_no, now)) {
    view.eta_p50_seconds = left->p50;
    view.eta_p90_seconds = left->p90;
  }
}

void explain(std::optional<waiting_view>& wait, const hold_board& holds,
             const call_places& calls) {
  if (!wait || (wait->kind != "permit" && wait->kind != "retry"))
    return;
  auto hold = holds.of(wait->service);
  auto later
    = !wait->until || (hold && (!hold->until || hold->until > wait->until));
  if (hold && later) {
    wait->kind = "hold";
    wait->until = hold->until;
  } else if (wait->kind == "permit" && calls.holds_back(wait->service)) {
    wait->limit = "MAX_OPEN_CALLS";
  }
}

std::optional<waiting_view> other_wait(const job_state& state,
                                       const hold_board& holds,
                                       bool journal_away,
                                       std::optional<time_point> report_again) {
  if (journal_away)
    return waiting_view{"disk", "journal", std::nullopt};
  if (state.row.status == job_status::paused)
    return waiting_view{"person", {}, std::nullopt};
  if (state.row.status == job_status::parked) {
    auto i = state.error ? state.plan->find(state.error->stage) : -1;
    return waiting_view{
      "person",
      i < 0 ? std::string{}
            : state.plan->stages[static_cast<std::size_t>(i)].policy,
      state.parked_until};
  }
  if (!state.owed)
    return std::nullopt;
  if (auto hold = holds.of("gateway"))
    return waiting_view{"hold", "gateway", hold->until};
  if (report_again)
    return waiting_view{"retry", "gateway", report_again};
  return std::nullopt;
}

result<segments_page> segments_of(const job_state& state, const live_map& live,
                                  const job_query& query) {
  segments_page page;
  auto found = lane_of(*state.plan, state.row.target_language, query.language);
  if (found < 0)
    return fault{
      fault_code::not_found, no_such_language(state, query.language), 0, {}};
  if (!state.speech)
    return page;
  auto lane = static_cast<std::uint32_t>(found);
  auto& dub = state.dub(lane);
  auto& all = state.speech->segments;
  auto i = query.cursor;
  for (; i < all.size() && page.items.size() < query.limit; ++i) {
    segment_view view;
    view.n = static_cast<std::uint32_t>(i);
    view.span = all[i].span;
    view.text = all[i].text;
    if (i < dub.translations.size())
      view.translation = dub.translations[i];
    if (i < dub.speeches.size() && dub.speeches[i])
      view.speech = *dub.speeches[i];
    if (auto lost = dub.degraded.find(view.n); lost != dub.degraded.end())
      view.degraded = lost->second;
    view.waiting_for = wait_of_segment(state, live, lane, view.n);
    page.items.push_back(std::move(view));
  }
  if (i < all.size())
    page.next = i;
  return page;
}

std::string activity_of(const job_state& state) {
  for (std::size_t i = state.stages.size(); i-- > 0;) {
    auto& stage = state.stages[i];
    if (stage.status != stage_status::running)
      continue;
    auto text = "Stage " + state.plan->stages[i].name;
    if (stage.items.size() > 1)
      text += " (" + std::to_string(stage.done) + " of "
              + std::to_string(stage.items.size()) + ")";
    return text;
  }
  return std::string{to_string(state.row.status)};
}

std::string human_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0)
    return {};
  auto s = static_cast<long>(std::ceil(seconds));
  if (s < 60)
    return std::to_string(s) + "s";
  if (s < 3600)
    return std::to_string(s / 60) + "m " + std::to_string(s % 60) + "s";
  return std::to_string(s / 3600) + "h " + std::to_string(s % 3600 / 60) + "m";
}

} // namespace dubber
