#include "core/job/machine.hpp"
#include "core/overload.hpp"
#include "core/transcript.hpp"

#include <algorithm>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

bool is_open(const job_state& st, work_ref work) {
  if (!st.is_active() || work.stage >= st.stages.size())
    return false;
  auto& stage = st.stages[work.stage];
  return stage.status == stage_status::running && work.item < stage.items.size()
         && !stage.items[work.item];
}

const std::string& name_of(const job_state& st, work_ref work) {
  return st.plan->stages[work.stage].name;
}

std::uint32_t items_of(const stage_spec& spec, std::uint32_t chunks,
                       std::uint32_t segments) {
  switch (spec.each) {
  case fan_out::chunks:
    return chunks;
  case fan_out::segments:
    return segments;
  default:
    return 1;
  }
}

bool follows_item_by_item(const stage_spec& before, const stage_spec& after) {
  return before.each == fan_out::segments && after.each == fan_out::segments;
}

/// Starts every stage that waited for `ended` only, and with a stage over
/// segments those that follow it item by item.
void start_next(const job_state& st, std::uint32_t ended, std::uint32_t chunks,
                std::uint32_t segments, bodies& out) {
  auto& specs = st.plan->stages;
  std::vector<bool> done(specs.size());
  std::vector<bool> begun(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    done[i] = i == ended || st.stages[i].status == stage_status::done;
    begun[i] = st.stages[i].status != stage_status::pending;
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto ready = [&](const std::string& name) {
      auto before = static_cast<std::size_t>(st.plan->find(name));
      return done[before]
             || (begun[before]
                 && follows_item_by_item(specs[before], specs[i]));
    };
    if (begun[i]
        || !std::all_of(specs[i].after.begin(), specs[i].after.end(), ready))
      continue;
    begun[i] = true;
    out.push_back(
      ev::stage_started{specs[i].name, items_of(specs[i], chunks, segments)});
  }
}

bodies fail(const job_state& st, work_ref work, const fault& why) {
  auto& name = name_of(st, work);
  final_report report;
  report.status = "FAILED";
  report.activity = "Failed at " + name + ": " + why.message;
  return {ev::stage_failed{name, work.item, why},
          ev::job_failed{why, name, work.item}, ev::report_owed{report}};
}

/// The last item of the stage is done: the stage's own result and what starts.
bodies complete_stage(const job_state& st, const in::item_done& x) {
  auto& spec = st.plan->stages[x.work.stage];
  bodies out;
  ev::stage_completed end{spec.name, x.attempt, reported{}};
  std::uint32_t chunks = 0;
  std::uint32_t segments
    = st.speech ? static_cast<std::uint32_t>(st.speech->segments.size()) : 0;
  if (spec.each != fan_out::none)
    out.push_back(
      ev::item_completed{spec.name, x.work.item, x.attempt, x.result});
  else
    end.result = x.result;
  if (auto media = std::get_if<extracted>(&x.result))
    chunks = static_cast<std::uint32_t>(media->chunks.size());
  if (auto heard = std::get_if<transcript>(&x.result)) {
    auto all = st.chunks;
    all[x.work.item] = *heard;
    auto clean = clean_transcript(all, st.media ? st.media->seconds : 0);
    if (!clean)
      return fail(st, x.work, clean.error());
    segments = static_cast<std::uint32_t>(clean->segments.size());
    end.result = std::move(*clean);
  }
  out.push_back(std::move(end));
  if (auto up = std::get_if<uploaded>(&x.result))
    out.push_back(ev::report_owed{
      {"COMPLETED", up->output_object_key, "Dubbing complete"}});
  start_next(st, x.work.stage, chunks, segments, out);
  return out;
}

struct decider {
  const job_state& st;

  bodies operator()(const in::accept& x) const {
    if (st.seq != 0)
      return {};
    return {
      ev::job_accepted{x.job_id, x.pipeline, x.priority, x.by, x.traceparent},
      ev::stage_started{st.plan->stages.front().name, 1}};
  }

  bodies operator()(const in::item_done& x) const {
    if (!is_open(st, x.work))
      return {};
    auto& stage = st.stages[x.work.stage];
    if (stage.done + 1 == stage.items.size())
      return complete_stage(st, x);
    return {ev::item_completed{name_of(st, x.work), x.work.item, x.attempt,
                               x.result}};
  }

  bodies operator()(const in::attempt_failed& x) const {
    if (!is_open(st, x.work))
      return {};
    return {ev::attempt_failed{name_of(st, x.work), x.work.item, x.attempt,
                               x.why, x.pause}};
  }

  bodies operator()(const in::gave_up& x) const {
    if (!is_open(st, x.work))
      return {};
    if (st.plan->stages[x.work.stage].kind == work_kind::fetch
        && x.why.code == fault_code::not_found)
      return {ev::job_rejected{x.why.message}};
    return fail(st, x.work, x.why);
  }

  bodies operator()(const in::told&) const {
    if (!st.is_active() || !st.owed)
      return {};
    bodies out;
    for (std::size_t i = 0; i < st.stages.size(); ++i)
      if (st.plan->stages[i].kind == work_kind::report)
        out.push_back(
          ev::stage_completed{st.plan->stages[i].name, 1, reported{}});
    out.push_back(ev::job_completed{});
    return out;
  }

  bodies operator()(const in::delivered& x) const {
    if (!st.owed)
      return {};
    auto out = (*this)(in::told{}); // gone before it was told: just as final
    out.push_back(ev::report_delivered{x.outcome});
    return out;
  }

  bodies operator()(const in::cancel& x) const {
    if (!st.is_active() || st.owed)
      return {};
    bodies out{ev::job_cancelled{x.by, x.reason}};
    if (!x.silent)
      out.push_back(ev::report_owed{{"FAILED", "", "Cancelled: " + x.reason}});
    return out;
  }
};

} // namespace

std::vector<event_body> decide(const job_state& state, const job_input& input) {
  return std::visit(decider{state}, input);
}

} // namespace dubber
