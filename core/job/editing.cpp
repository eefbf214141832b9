#include "core/job/editing.hpp"

#include "core/job/degrading.hpp"
#include "core/job/progress.hpp"
#include "core/job/stage_marks.hpp"
#include "core/job/stage_results.hpp"
#include "core/lanes.hpp"

#include <algorithm>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

/// Nothing for a language that the job does not have.
std::optional<std::uint32_t> lane_by(const job_state& st,
                                     const std::string& language) {
  auto lane = lane_of(*st.plan, st.row.target_language, language);
  return lane < 0 ? std::nullopt
                  : std::optional{static_cast<std::uint32_t>(lane)};
}

bool is_new_translation(const job_state& st, const segment_edit& x,
                        std::uint32_t lane) {
  auto& all = st.dub(lane).translations;
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

/// The edit as a fact.
ev::segment_edited fact_of(const job_state& st, const in::control& wish) {
  auto& x = *wish.edit;
  auto lane = lane_by(st, x.language).value_or(0);
  ev::segment_edited out{x.segment, x.text,  x.translation,
                         {},        wish.by, wish.reason};
  if (lane > 0)
    out.language = language_in(st, lane);
  // The other languages need not follow a text that is none.
  if (!st.plan->further.empty() && x.translation && x.text
      && *x.text == st.speech->segments[x.segment].text)
    out.text.reset();
  if (!x.translation)
    out.from = text_begins_at(*st.plan, lane);
  else if (is_new_translation(st, x, lane)
           || st.dub(lane).degraded.count(x.segment) > 0)
    out.from = translation_begins_at(*st.plan, lane);
  return out;
}

/// The stages that are done again, whole.
std::vector<bool> repeated(const job_state& st, const in::control& wish) {
  if (wish.what == control_verb::edit)
    return scope_of(*st.plan, st.row.target_language, fact_of(st, wish))
      .gathering;
  return stages_from(*st.plan, first_again(st, wish));
}

/// A stage that starts over has none that are done.
bool is_done(const stage_progress& stage, std::size_t item) {
  return item < stage.items.size() && stage.items[item];
}

/// The files of one language that are used, and not made, by what is repeated.
void need_files(const job_state& st, std::uint32_t lane,
                const std::vector<bool>& again,
                const std::optional<ev::segment_edited>& edit,
                std::vector<kept_file>& out) {
  auto& dub = st.dub(lane);
  auto speak = stage_in(*st.plan, lane, work_kind::speak);
  auto merge = stage_in(*st.plan, lane, work_kind::merge);
  auto upload = stage_in(*st.plan, lane, work_kind::upload);
  auto is_again = [&](int stage) {
    return again[static_cast<std::size_t>(stage)];
  };
  if (speak < 0 || merge < 0 || upload < 0 || is_again(speak)
      || !is_again(upload))
    return;
  if (!is_again(merge) && dub.result)
    for (auto part : {&dub.result->video, &dub.result->srt, &dub.result->vtt,
                      &dub.result->report})
      out.push_back({{static_cast<std::uint32_t>(merge), 0}, part->key});
  auto index = static_cast<std::uint32_t>(speak);
  auto remade
    = edit ? scope_of(*st.plan, st.row.target_language, *edit).again[index]
           : false;
  for (std::uint32_t i = 0; i < dub.speeches.size(); ++i)
    if (is_done(st.stages[index], i) && dub.speeches[i]
        && !(remade && i == edit->item))
      out.push_back({{index, i}, dub.speeches[i]->audio.key});
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
  auto lane = lane_by(st, x.language);
  if (!lane)
    return {kind::absent, no_such_language(st, x.language)};
  auto& segments = st.speech->segments;
  if (x.segment >= segments.size())
    return {kind::absent, "there is no segment " + std::to_string(x.segment)
                            + ": the job has " + std::to_string(segments.size())
                            + ", and their numbers begin at 0"};
  // What went wrong is tried again with the same words, too.
  auto degraded = false;
  for (std::uint32_t i = 0; i < lanes_of(*st.plan); ++i)
    degraded |= (i == *lane || !x.translation)
                && st.dub(i).degraded.count(x.segment) > 0;
  if (!degraded && !is_new_translation(st, x, *lane)
      && (!x.text || *x.text == segments[x.segment].text))
    return {kind::already, {}};
  return {};
}

bodies edit_segment(const job_state& st, const in::control& wish,
                    time_point now) {
  bodies out{fact_of(st, wish)};
  if (opens_run(st)) {
    ev::run_started begins{wish.by, wish.reason, {}, false, true};
    note_lost(st, wish, begins);
    out.push_back(std::move(begins));
  }
  settle(st, out, now);
  return out;
}

void apply_edit(job_state& st, const ev::segment_edited& x) {
  if (st.stages.empty())
    return;
  auto& plan = *st.plan;
  auto& gateways = st.row.target_language;
  auto own = lane_by(st, x.language).value_or(0);
  count_done(st);
  if (x.text && st.speech && x.item < st.speech->segments.size())
    st.speech->segments[x.item].text = *x.text;
  auto reach = scope_of(plan, gateways, x);
  for (std::size_t i = 0; i < st.stages.size(); ++i) {
    auto& stage = st.stages[i];
    auto& spec = plan.stages[i];
    auto again = reach.again[i];
    // The call keys of these are made of the run: another one is wanted.
    if (reach.gathering[i] && stage.status != stage_status::pending)
      reset_stage(st, i, true);
    if (spec.each != fan_out::segments || x.item >= stage.items.size())
      continue;
    if (again) {
      open_item(stage, x.item);
      if (stage.past)
        stage.past->retries.erase(x.item);
    } else if (spec.kind == work_kind::translate && works_for(spec, own)
               && x.translation && !stage.items[x.item]) {
      mark_done(stage, x.item, stage.attempt);
      ++stage.past.make().given;
    }
    auto& translations = st.dub(spec.lane).translations;
    if (again && spec.kind == work_kind::translate
        && x.item < translations.size())
      translations[x.item].reset();
    if (again)
      drop_item(st, i, x.item);
  }
  if (auto& all = st.dub(own).translations;
      x.translation && x.item < all.size())
    all[x.item] = x.translation;
  for (std::uint32_t lane = 0; lane < lanes_of(plan); ++lane)
    if (concerns(plan, gateways, x, lane))
      st.dub(lane).degraded.erase(x.item);
}

bool is_overtaken(const pipeline& plan, const std::string& gateways,
                  const ev::segment_edited& by, work_ref work) {
  return is_overtaken(plan, scope_of(plan, gateways, by), by, work);
}

bool is_overtaken(const pipeline& plan, const edit_scope& reach,
                  const ev::segment_edited& by, work_ref work) {
  if (plan.stages[work.stage].each != fan_out::segments)
    return reach.gathering[work.stage];
  return work.item == by.item && reach.overtaken[work.stage];
}

std::string no_such_language(const job_state& st, const std::string& language) {
  auto out = "the job is not dubbed into " + language.substr(0, 64) + ", but ";
  for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane)
    out += (lane == 0 ? "" : ", ") + language_in(st, lane);
  return out;
}

std::vector<kept_file> files_needed(const job_state& st,
                                    const in::control& wish) {
  std::vector<kept_file> out;
  auto editing = wish.what == control_verb::edit;
  if ((!editing && wish.what != control_verb::redo)
      || (editing && !opens_run(st)))
    return out;
  auto again = repeated(st, wish);
  auto fact = editing ? std::optional{fact_of(st, wish)} : std::nullopt;
  for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane)
    need_files(st, lane, again, fact, out);
  return out;
}

std::uint32_t first_again(const job_state& st, const in::control& wish) {
  auto first = static_cast<std::uint32_t>(st.plan->find(wish.stage));
  for (auto& work : wish.gone)
    if (st.plan->stages[work.stage].each == fan_out::none)
      first = std::min(first, work.stage);
  return first;
}

void note_lost(const job_state& st, const in::control& wish,
               ev::run_started& begins) {
  auto again = repeated(st, wish);
  for (auto& work : wish.gone) {
    auto& spec = st.plan->stages[work.stage];
    auto merge = stage_in(*st.plan, spec.lane, work_kind::merge);
    if (spec.each != fan_out::segments || merge < 0
        || !again[static_cast<std::size_t>(merge)]
        || !is_done(st.stages[work.stage], work.item))
      continue;
    auto& lost = spec.lane == 0 ? begins.lost
                                : begins.lost_in[language_in(st, spec.lane)];
    lost.push_back(work.item);
  }
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
      auto& degraded = st.dub(spec.lane).degraded;
      auto lost = degraded.find(item);
      // Marked as done, and nothing was made.
      auto without = spec.each == fan_out::segments && lost != degraded.end()
                     && goes_without(*st.plan, i, lost->second);
      if (before.items[item] && !without && !is_done(after.stages[i], item))
        ++out[spec.name];
    }
  }
  return out;
}

} // namespace dubber
