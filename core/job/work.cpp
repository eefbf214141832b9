#include "core/job/facts.hpp"
#include "core/job/machine.hpp"
#include "core/overload.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// Whether the stages before allow this very item.
bool inputs_ready(const job_state& st, const stage_spec& spec,
                  std::uint32_t item) {
  return std::all_of(
    spec.after.begin(), spec.after.end(), [&](const std::string& name) {
      auto i = static_cast<std::size_t>(st.plan->find(name));
      auto& before = st.stages[i];
      if (before.status == stage_status::done)
        return true;
      return st.plan->stages[i].each == fan_out::segments
             && spec.each == fan_out::segments && item < before.items.size()
             && before.items[item];
    });
}

/// Whether segment 0 went through every stage over segments: only then the
/// others follow.
bool pioneer_is_through(const job_state& st) {
  for (std::size_t i = 0; i < st.stages.size(); ++i)
    if (st.plan->stages[i].each == fan_out::segments
        && (st.stages[i].items.empty() || !st.stages[i].items[0]))
      return false;
  return true;
}

double slot_of(const job_state& st, std::uint32_t item) {
  auto& segments = st.speech->segments;
  auto end = item + 1 < segments.size() ? segments[item + 1].span.start
                                        : st.media->seconds;
  return std::max(end, segments[item].span.end) - segments[item].span.start;
}

merge_input merge_of(const job_state& st) {
  merge_input in;
  in.source_object_key = st.source->source_object_key;
  in.source_language = st.source->options.source_language;
  in.target_language = st.source->target_language;
  in.options = st.source->options;
  in.seconds = st.media->seconds;
  in.notes = st.speech->notes;
  for (std::size_t i = 0; i < st.speech->segments.size(); ++i) {
    auto& heard = st.speech->segments[i];
    merge_piece piece{heard.span, heard.text, st.translations[i].value_or(""),
                      st.speeches[i].value_or(spoken{})};
    if (auto lost = st.degraded.find(static_cast<std::uint32_t>(i));
        lost != st.degraded.end())
      piece.degraded = lost->second;
    if (piece.degraded || (st.translations[i] && st.speeches[i]))
      in.pieces.push_back(std::move(piece));
  }
  return in;
}

work_input input_of(const job_state& st, work_kind kind, std::uint32_t item) {
  switch (kind) {
  case work_kind::extract:
    return extract_input{st.source->source_object_key};
  case work_kind::transcribe:
    return transcribe_input{st.media->audio, st.spans[item],
                            st.spans.size() == 1};
  case work_kind::translate:
    return translate_input{st.speech->segments[item].text,
                           st.source->options.source_language,
                           st.source->target_language};
  case work_kind::speak:
    return speak_input{*st.translations[item], st.source->target_language,
                       st.source->options.voice, slot_of(st, item)};
  case work_kind::merge:
    return merge_of(st);
  case work_kind::upload:
    return upload_input{*st.result, facts_of(st)};
  default:
    return fetch_input{};
  }
}

} // namespace

std::vector<work_ref> startable(const job_state& state,
                                const std::set<work_ref>& running,
                                std::size_t window) {
  std::vector<work_ref> out;
  if (!state.is_active())
    return out;
  auto pioneer = pioneer_is_through(state);
  for (std::uint32_t s = 0; s < state.stages.size(); ++s) {
    auto& stage = state.stages[s];
    auto& spec = state.plan->stages[s];
    // The report is the reporter's, from the debt.
    if (stage.status != stage_status::running || spec.kind == work_kind::report)
      continue;
    auto last = static_cast<std::uint32_t>(stage.items.size());
    if (spec.each == fan_out::segments && !pioneer)
      last = std::min(last, 1u);
    std::size_t busy = 0;
    for (auto i = stage.first_open; i < last && busy < window; ++i) {
      if (stage.items[i])
        continue;
      if (!inputs_ready(state, spec, i))
        continue;
      ++busy;
      if (!running.count({s, i}))
        out.push_back({s, i});
    }
  }
  return out;
}

std::vector<work_ref> admitted(const std::vector<work_ref>& startable,
                               std::map<std::uint32_t, stage_load> load) {
  std::vector<work_ref> out;
  for (auto& work : startable) {
    auto& now = load[work.stage];
    if (now.asking >= std::max<std::size_t>(1, now.calling))
      continue;
    ++now.asking;
    out.push_back(work);
  }
  return out;
}

std::shared_ptr<const work_order> make_order(const job_state& state,
                                             work_ref work) {
  auto& spec = state.plan->stages[work.stage];
  auto order = std::make_shared<work_order>();
  order->kind = spec.kind;
  order->service = spec.service;
  order->job_id = state.row.job_id;
  order->job_no = state.row.job_no;
  order->run = state.row.run;
  order->generation = state.stages[work.stage].generation;
  order->fresh = state.stages[work.stage].fresh;
  order->stage = spec.name;
  order->item = work.item;
  order->input = input_of(state, spec.kind, work.item);
  return order;
}

} // namespace dubber
