#include "core/job/apart.hpp"
#include "core/job/choosing.hpp"
#include "core/job/degrading.hpp"
#include "core/job/editing.hpp"
#include "core/job/give_up.hpp"
#include "core/job/halving.hpp"
#include "core/job/machine.hpp"
#include "core/job/starts.hpp"
#include "core/transcript.hpp"

#include <algorithm>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

void add(bodies& out, bodies more) {
  std::move(more.begin(), more.end(), std::back_inserter(out));
}

const stage_spec& spec_of(const job_state& st, work_ref work) {
  return st.plan->stages[work.stage];
}

item_counts counts_of(const job_state& st) {
  item_counts out{0, st.segments, st.output_object_key};
  if (st.media)
    out.chunks = static_cast<std::uint32_t>(st.media->chunks.size());
  return out;
}

/// The job was fetched: which pipeline it goes through, and in what languages.
bodies go_on_with(const job_state& st, const in::item_done& x,
                  const fetched& source, bodies out,
                  const item_counts& counts) {
  auto choice = choice_by(st, source);
  if (!choice)
    return fail_at(spec_of(st, x.work).name, x.work.item, choice.error());
  auto next = without_results(st);
  auto choose = [&](std::optional<event_body> what) {
    if (!what)
      return;
    evolve(next, {next.seq + 1, st.row.updated_at, st.row.run, *what});
    out.push_back(std::move(*what));
  };
  choose(std::move(*choice));
  choose(languages_by(next, source));
  add(out, starts(next, x.work.stage, counts));
  return out;
}

/// The last item of the stage is done: the stage's own result and what starts.
bodies complete_stage(const job_state& st, const in::item_done& x) {
  auto& spec = spec_of(st, x.work);
  bodies out;
  ev::stage_completed end{spec.name, x.attempt, reported{}};
  auto counts = counts_of(st);
  if (spec.each != fan_out::none)
    out.push_back(
      ev::item_completed{spec.name, x.work.item, x.attempt, x.result});
  else
    end.result = x.result;
  if (auto media = std::get_if<extracted>(&x.result))
    counts.chunks = static_cast<std::uint32_t>(media->chunks.size());
  if (auto heard = std::get_if<transcript>(&x.result)) {
    auto all = st.chunks;
    all[x.work.item] = *heard;
    auto clean = clean_transcript(in_order(std::move(all), st.spans),
                                  st.media ? st.media->seconds : 0);
    if (!clean)
      return fail_at(spec.name, x.work.item, clean.error());
    counts.segments = static_cast<std::uint32_t>(clean->segments.size());
    end.result = std::move(*clean);
  }
  out.push_back(std::move(end));
  if (auto source = std::get_if<fetched>(&x.result))
    return go_on_with(st, x, *source, std::move(out), counts);
  auto up = std::get_if<uploaded>(&x.result);
  if (up && spec.lane == 0)
    counts.output_key = up->output_object_key;
  add(out, starts(st, x.work.stage, counts));
  return out;
}

/// Whether the result is of the kind that the stage makes.
bool is_result_of(work_kind kind, const work_result& result) {
  switch (kind) {
  case work_kind::fetch:
    return std::holds_alternative<fetched>(result);
  case work_kind::extract:
    return std::holds_alternative<extracted>(result);
  case work_kind::transcribe:
    return std::holds_alternative<transcript>(result);
  case work_kind::translate:
    return std::holds_alternative<translated>(result);
  case work_kind::speak:
    return std::holds_alternative<spoken>(result);
  case work_kind::merge:
    return std::holds_alternative<merged>(result);
  case work_kind::upload:
    return std::holds_alternative<uploaded>(result);
  case work_kind::http:
    return std::holds_alternative<answered>(result);
  default:
    return std::holds_alternative<reported>(result);
  }
}

/// Identity is (job_id, source): the gateway may not exchange it under a run.
bool is_another_job(const job_state& st, const work_result& result) {
  auto source = std::get_if<fetched>(&result);
  return source && !st.row.source_object_key.empty()
         && st.row.source_object_key != source->source_object_key;
}

/// A new run: from `first` on everything is done again.
bodies run_again(const job_state& st, const in::control& x, std::uint32_t first,
                 time_point now) {
  auto redo = x.what == control_verb::redo;
  bodies out{ev::run_started{
    x.by, x.reason, redo ? st.plan->stages[first].name : std::string{}, redo}};
  auto& begins = std::get<ev::run_started>(out.front());
  if (redo)
    note_lost(st, x, begins);
  auto begun = without_results(st);
  evolve(begun, {st.seq + 1, now, st.row.run + 1, begins});
  auto wanted = x.pipeline.empty() ? nullptr : st.book->find(x.pipeline);
  if (auto choice = wanted ? restart_choice(st, *wanted) : std::nullopt) {
    evolve(begun, {st.seq + 2, now, st.row.run + 1, *choice});
    out.push_back(std::move(*choice));
  }
  add(out, starts(begun, std::nullopt, counts_of(st)));
  if (st.has_degraded())
    settle(st, out, now);
  return out;
}

struct decider {
  const job_state& st;
  time_point now;
  const job_rules& rules;

  bodies operator()(const in::accept& x) const {
    if (st.seq != 0)
      return {};
    bodies out{
      ev::job_accepted{x.job_id, x.pipeline, x.priority, x.by, x.traceparent}};
    auto wanted = st.book->find(x.pipeline);
    if (auto choice = wanted ? choice_of(st, *wanted) : std::nullopt)
      out.push_back(std::move(*choice));
    out.push_back(ev::stage_started{fetch_stage, 1});
    if (!wanted)
      add(out, fail_at(fetch_stage, 0, no_such_pipeline(*st.book, x.pipeline)));
    return out;
  }

  bodies operator()(const in::item_done& x) const {
    if (!is_open(st, x.work))
      return {};
    if (!is_result_of(spec_of(st, x.work).kind, x.result))
      return (*this)(in::gave_up{x.work,
                                 x.attempt,
                                 {fault_code::internal,
                                  "the worker answered with something else",
                                  0,
                                  {}}});
    if (is_another_job(st, x.result)) {
      auto out = fail_at(spec_of(st, x.work).name, x.work.item,
                         {fault_code::invalid_input,
                          "the gateway has another job under this number now",
                          0,
                          {}});
      out.pop_back(); // nothing is owed: it would be told of that other job
      return out;
    }
    auto& stage = st.stages[x.work.stage];
    if (stage.done + 1 == stage.items.size())
      return complete_stage(st, x);
    return {ev::item_completed{spec_of(st, x.work).name, x.work.item, x.attempt,
                               x.result}};
  }

  bodies operator()(const in::attempt_failed& x) const {
    if (!is_open(st, x.work))
      return {};
    return {ev::attempt_failed{spec_of(st, x.work).name, x.work.item, x.attempt,
                               x.why, x.pause}};
  }

  bodies operator()(const in::gave_up& x) const {
    return give_up(st, x, now, rules);
  }

  bodies operator()(const in::told& x) const {
    if (!st.takes_results() || !st.owed || x.debt != st.debt)
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
    if (!st.owed || x.debt != st.debt)
      return {};
    auto out
      = (*this)(in::told{x.debt}); // gone before it was told: just as final
    out.push_back(ev::report_delivered{x.outcome});
    return out;
  }

  bodies operator()(const in::control& x) const {
    if (judge(st, x).what != verdict::kind::change)
      return {};
    switch (x.what) {
    case control_verb::cancel: {
      bodies out;
      if (!is_final(st.row.status))
        out.push_back(ev::job_cancelled{x.by, x.reason});
      if (!x.silent)
        out.push_back(ev::report_owed{
          {"FAILED", "",
           x.reason.empty() ? "Cancelled" : "Cancelled: " + x.reason}});
      else if (st.owed)
        out.push_back(ev::report_delivered{"gone"});
      return out;
    }
    case control_verb::pause:
      return {ev::job_paused{x.by, x.reason}};
    case control_verb::resume:
    case control_verb::retry:
      return {ev::job_resumed{x.by, x.reason}};
    case control_verb::redo:
      return run_again(st, x, first_again(st, x), now);
    case control_verb::edit:
      return edit_segment(st, x, now);
    default:
      return run_again(st, x, 0, now);
    }
  }

  bodies operator()(const in::halt& x) const {
    if (!st.is_active())
      return {};
    std::string stage;
    for (std::size_t i = 0; i < st.stages.size() && stage.empty(); ++i)
      if (st.stages[i].status == stage_status::running)
        stage = st.plan->stages[i].name;
    return {ev::job_parked{{fault_code::internal, x.why, 0, {}},
                           stage,
                           0,
                           now + rules.park_timeout}};
  }

  bodies operator()(const in::park_over&) const {
    if (st.row.status != job_status::parked || !st.parked_until
        || now < *st.parked_until)
      return {};
    auto why = st.error ? st.error->why : fault{};
    auto stage = st.error ? st.error->stage : std::string{};
    auto out = fail_at(stage, st.error ? st.error->item : 0, why);
    // It may have been put back meanwhile, with a file that got lost.
    auto i = st.plan->find(stage);
    if (i >= 0
        && st.stages[static_cast<std::size_t>(i)].status
             != stage_status::running)
      out.erase(out.begin());
    return out;
  }
};

} // namespace

std::vector<event_body> decide(const job_state& state, const job_input& input,
                               time_point now, const job_rules& rules) {
  auto out = std::visit(decider{state, now, rules}, input);
  if (state.plan->further.empty())
    return out;
  return keep_apart(state, input, std::move(out), now, rules);
}

} // namespace dubber
