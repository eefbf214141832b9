#include "core/job/editing.hpp"

#include "core/job/degrading.hpp"
#include "core/job/progress.hpp"
#include "core/job/stage_marks.hpp"
#include "core/job/stage_results.hpp"

#include <algorithm>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

/// Index of the first stage of this kind, or -1.
int stage_of(const pipeline& plan, work_kind kind) {
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    if (plan.stages[i].kind == kind)
      return static_cast<int>(i);
  return -1;
}

std::string name_of(const pipeline& plan, work_kind kind) {
  auto i = stage_of(plan, kind);
  return i < 0 ? std::string{} : plan.stages[static_cast<std::size_t>(i)].name;
}

/// The stages that rest on `first`, itself included; none for -1.
std::vector<bool> resting_on(const pipeline& plan, int first) {
  return first < 0 ? std::vector<bool>(plan.stages.size())
                   : stages_from(plan, static_cast<std::uint32_t>(first));
}

/// The stages that gather what was made by segments, and those after them.
std::vector<bool> gathering(const pipeline& plan) {
  std::vector<bool> out(plan.stages.size());
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    if (plan.stages[i].each != fan_out::segments)
      continue;
    auto after = stages_from(plan, i);
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] = out[k] || (after[k] && plan.stages[k].each != fan_out::segments);
  }
  return out;
}

bool has_calls_by_segment(const pipeline& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(), [](auto& spec) {
    return spec.kind == work_kind::http && spec.each == fan_out::segments;
  });
}

bool is_new_translation(const job_state& st, const segment_edit& x) {
  auto& all = st.translations;
  return x.translation
         && (x.segment >= all.size() || all[x.segment] != x.translation);
}

/// A job that has come to something begins another run. One whose result is
/// stored already has come to it, too.
bool opens_run(const job_state& st) {
  auto goes_on = st.row.status == job_status::queued
                 || st.row.status == job_status::running
                 || st.row.status == job_status::paused;
  return !goes_on || st.owed;
}

/// Whether the stage is done again, whole.
bool is_repeated(const job_state& st, const in::control& wish, int stage) {
  auto i = static_cast<std::size_t>(stage);
  if (wish.what == control_verb::edit)
    return gathering(*st.plan)[i];
  return stages_from(*st.plan, first_again(st, wish))[i];
}

/// A stage that starts over has none that are done.
bool is_done(const stage_progress& stage, std::size_t item) {
  return item < stage.items.size() && stage.items[item];
}

} // namespace

verdict may_edit(const job_state& st, const segment_edit& x) {
  using kind = verdict::kind;
  auto is = "the job is " + std::string{to_string(st.row.status)};
  if (st.row.status == job_status::rejected)
    return {kind::impossible, is + ": the gateway does not know it"};
  if (!st.speech)
    return {kind::impossible,
            is + ": without a transcript there are no segments to edit"};
  auto& segments = st.speech->segments;
  if (x.segment >= segments.size())
    return {kind::absent, "there is no segment " + std::to_string(x.segment)
                            + ": the job has " + std::to_string(segments.size())
                            + ", and their numbers begin at 0"};
  // What went wrong is tried again with the same words, too.
  if (st.degraded.count(x.segment) == 0 && !is_new_translation(st, x)
      && (!x.text || *x.text == segments[x.segment].text))
    return {kind::already, {}};
  return {};
}

bodies edit_segment(const job_state& st, const in::control& wish,
                    time_point now) {
  auto& x = *wish.edit;
  // Calls of the pipeline's own may use what the edit changes.
  auto more = has_calls_by_segment(*st.plan);
  std::string from;
  if (!x.translation)
    from
      = name_of(*st.plan, more ? work_kind::transcribe : work_kind::translate);
  else if (is_new_translation(st, x) || st.degraded.count(x.segment) > 0)
    from = name_of(*st.plan, more ? work_kind::translate : work_kind::speak);
  bodies out{ev::segment_edited{x.segment, x.text, x.translation, from, wish.by,
                                wish.reason}};
  if (opens_run(st))
    out.push_back(ev::run_started{
      wish.by, wish.reason, {}, false, true, lost_segments(st, wish)});
  settle(st, out, now);
  return out;
}

void apply_edit(job_state& st, const ev::segment_edited& x) {
  if (st.stages.empty())
    return;
  auto& plan = *st.plan;
  count_done(st);
  if (x.text && st.speech && x.item < st.speech->segments.size())
    st.speech->segments[x.item].text = *x.text;
  auto again = resting_on(plan, plan.find(x.from));
  if (auto given = stage_of(plan, work_kind::translate);
      x.translation && given >= 0)
    again[static_cast<std::size_t>(given)] = false;
  auto whole = gathering(plan);
  for (std::size_t i = 0; i < st.stages.size(); ++i) {
    auto& stage = st.stages[i];
    auto kind = plan.stages[i].kind;
    // The call keys of these are made of the run: another one is wanted.
    if (whole[i] && stage.status != stage_status::pending)
      reset_stage(st, i, true);
    if (plan.stages[i].each != fan_out::segments
        || x.item >= stage.items.size())
      continue;
    if (again[i]) {
      open_item(stage, x.item);
      if (stage.failures)
        stage.failures->retries.erase(x.item);
    } else if (kind == work_kind::translate && x.translation
               && !stage.items[x.item]) {
      mark_done(stage, x.item, stage.attempt);
    }
    if (again[i] && kind == work_kind::translate
        && x.item < st.translations.size())
      st.translations[x.item].reset();
    if (again[i])
      drop_item(st, i, x.item);
  }
  if (x.translation && x.item < st.translations.size())
    st.translations[x.item] = x.translation;
  st.degraded.erase(x.item);
}

bool is_overtaken(const pipeline& plan, const ev::segment_edited& by,
                  work_ref work) {
  if (plan.stages[work.stage].each != fan_out::segments)
    return gathering(plan)[work.stage];
  return work.item == by.item && !by.from.empty();
}

std::vector<kept_file> files_needed(const job_state& st,
                                    const in::control& wish) {
  std::vector<kept_file> out;
  auto editing = wish.what == control_verb::edit;
  auto speak = stage_of(*st.plan, work_kind::speak);
  auto merge = stage_of(*st.plan, work_kind::merge);
  auto upload = stage_of(*st.plan, work_kind::upload);
  if ((!editing && wish.what != control_verb::redo) || speak < 0 || merge < 0
      || upload < 0 || (editing && !opens_run(st))
      || is_repeated(st, wish, speak) || !is_repeated(st, wish, upload))
    return out;
  if (!is_repeated(st, wish, merge) && st.result)
    for (auto part : {&st.result->video, &st.result->srt, &st.result->vtt,
                      &st.result->report})
      out.push_back({{static_cast<std::uint32_t>(merge), 0}, part->key});
  auto& stage = st.stages[static_cast<std::size_t>(speak)];
  for (std::uint32_t i = 0; i < st.speeches.size(); ++i) {
    auto remade
      = editing && i == wish.edit->segment
        && (!wish.edit->translation || is_new_translation(st, *wish.edit));
    if (is_done(stage, i) && st.speeches[i] && !remade)
      out.push_back(
        {{static_cast<std::uint32_t>(speak), i}, st.speeches[i]->audio.key});
  }
  return out;
}

std::uint32_t first_again(const job_state& st, const in::control& wish) {
  auto first = static_cast<std::uint32_t>(st.plan->find(wish.stage));
  for (auto& work : wish.gone)
    if (st.plan->stages[work.stage].each == fan_out::none)
      first = std::min(first, work.stage);
  return first;
}

std::vector<std::uint32_t> lost_segments(const job_state& st,
                                         const in::control& wish) {
  std::vector<std::uint32_t> out;
  auto merge = stage_of(*st.plan, work_kind::merge);
  if (merge < 0 || !is_repeated(st, wish, merge))
    return out;
  for (auto& work : wish.gone)
    if (st.plan->stages[work.stage].each == fan_out::segments
        && is_done(st.stages[work.stage], work.item))
      out.push_back(work.item);
  return out;
}

std::map<std::string, std::uint32_t>
repeats_of(const job_state& st, const bodies& facts, time_point now) {
  auto after = without_results(st);
  for (auto& fact : facts)
    evolve(after, {after.seq + 1, now, after.row.run, fact});
  std::map<std::string, std::uint32_t> out;
  for (std::size_t i = 0; i < st.stages.size(); ++i) {
    auto& spec = st.plan->stages[i];
    auto& before = st.stages[i];
    for (std::uint32_t item = 0; item < before.items.size(); ++item) {
      auto lost = st.degraded.find(item);
      // Marked as done, and nothing was made.
      auto without = spec.each == fan_out::segments && lost != st.degraded.end()
                     && goes_without(*st.plan, i, lost->second);
      if (before.items[item] && !without && !is_done(after.stages[i], item))
        ++out[spec.name];
    }
  }
  return out;
}

} // namespace dubber
