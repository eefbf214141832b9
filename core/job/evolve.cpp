#include "core/job/apart.hpp"
#include "core/job/choosing.hpp"
#include "core/job/editing.hpp"
#include "core/job/machine.hpp"
#include "core/job/progress.hpp"
#include "core/job/stage_marks.hpp"
#include "core/job/stage_results.hpp"
#include "core/lanes.hpp"

#include <algorithm>

namespace dubber {

namespace {

struct folder {
  job_state& st;
  time_point at;

  stage_progress* stage(const std::string& name) const {
    auto i = st.plan->find(name);
    return i < 0 || st.stages.empty() ? nullptr
                                      : &st.stages[static_cast<std::size_t>(i)];
  }

  std::size_t index_of(const stage_progress& s) const {
    return static_cast<std::size_t>(&s - st.stages.data());
  }

  void end(job_status status) const {
    st.row.status = status;
  }

  void operator()(const ev::job_accepted& x) const {
    st.stages.assign(st.plan->stages.size(), {});
    st.row.job_id = x.job_id;
    st.row.pipeline = st.plan->name;
    st.pipeline_asked = !x.pipeline.empty();
    st.row.created_at = at;
    st.row.status = job_status::running;
    st.traceparent = x.traceparent;
  }

  void operator()(const ev::pipeline_chosen& x) const {
    auto plan = st.book->known.find(x.id);
    st.row.pipeline = x.name;
    // Not by what the gateway says, that would be known.
    st.pipeline_asked |= st.row.source_object_key.empty();
    st.plan_missing = !x.id.empty() && plan == st.book->known.end();
    if (st.plan_missing)
      return;
    go_by(st, x.id.empty() ? dubbing_pipeline() : plan->second);
  }

  void operator()(const ev::languages_chosen& x) const {
    if (!x.languages.empty())
      go_by(st, with_lanes(st.plan.ptr(),
                           {x.languages.begin() + 1, x.languages.end()}));
  }

  void operator()(const ev::job_rejected& x) const {
    end(job_status::rejected);
    fault why;
    why.code = fault_code::not_found;
    why.message = x.reason;
    st.error = job_error{why, "fetch", 0};
  }

  void operator()(const ev::run_started& x) const {
    st.row.run += 1;
    st.losses = 0;
    for (auto& s : st.stages)
      s.counted = 0;
    go_on();
    st.owed.reset();
    st.row.owes_report = false;
    if (st.stages.empty())
      return;
    // Also of what is not redone: a branch beside it may not have come far.
    begin_afresh(true);
    if (!x.edit)
      reset_from(x);
    reopen_lost(st, x);
  }

  void operator()(const ev::job_completed&) const {
    end(job_status::completed);
  }

  void operator()(const ev::job_failed& x) const {
    end(job_status::failed);
    st.parked_until.reset();
    st.error = job_error{x.why, x.stage, x.item};
  }

  void operator()(const ev::job_parked& x) const {
    end(job_status::parked);
    st.error = job_error{x.why, x.stage, x.item};
    st.parked_until = x.until;
  }

  void operator()(const ev::job_paused&) const {
    end(job_status::paused);
  }

  void operator()(const ev::job_resumed&) const {
    auto fresh = st.row.status != job_status::paused;
    count_done(st);
    if (fresh)
      reopen_degraded(st);
    // The debt of a failure is taken back; that of a stored result stays.
    if (st.row.status == job_status::failed) {
      st.owed.reset();
      st.row.owes_report = false;
    }
    go_on();
    begin_afresh(fresh);
  }

  void operator()(const ev::job_cancelled&) const {
    end(job_status::cancelled);
  }

  void operator()(const ev::stage_started& x) const {
    auto s = stage(x.stage);
    if (!s)
      return;
    s->status = stage_status::running;
    s->items.assign(x.items);
    s->started_at = at;
    auto index = index_of(*s);
    auto& spec = st.plan->stages[index];
    expect_results(st, index, x.items);
    if (spec.each == fan_out::segments)
      for (auto& [item, what] : st.dub(spec.lane).degraded)
        if (item < x.items && goes_without(*st.plan, index, what))
          mark_done(*s, item, s->attempt);
  }

  void operator()(const ev::item_completed& x) const {
    auto s = stage(x.stage);
    if (!s || x.item >= s->items.size() || s->items[x.item])
      return;
    mark_done(*s, x.item, x.attempt);
    keep_item(st, index_of(*s), x.item, x.result);
  }

  void operator()(const ev::stage_completed& x) const {
    auto s = stage(x.stage);
    if (!s)
      return;
    for (std::uint32_t i = 0; i < s->items.size(); ++i)
      if (!s->items[i])
        mark_done(*s, i, x.attempt);
    s->status = stage_status::done;
    s->ended_at = at;
    keep_result(st, index_of(*s), x.result);
  }

  void operator()(const ev::language_stopped& x) const {
    stop_language(st, x);
  }

  void operator()(const ev::stage_failed& x) const {
    if (auto s = stage(x.stage)) {
      s->status = stage_status::failed;
      s->ended_at = at;
    }
  }

  void operator()(const ev::artifact_lost& x) const {
    auto s = stage(x.stage);
    if (!s)
      return;
    ++st.losses;
    count_done(st);
    auto first = static_cast<std::uint32_t>(s - st.stages.data());
    auto again = stages_from(*st.plan, first);
    for (auto i = first + 1; i < again.size(); ++i)
      if (again[i])
        reset_stage(st, i, false);
    if (st.plan->stages[first].each == fan_out::none) {
      reset_stage(st, first, false);
    } else if (x.item < s->items.size() && s->items[x.item]) {
      open_item(*s, x.item);
      drop_item(st, first, x.item);
    }
    s->fresh = true; // a kept result has lost the same file
  }

  void operator()(const ev::attempt_failed& x) const {
    auto s = stage(x.stage);
    if (!s || x.item >= s->items.size() || s->items[x.item])
      return;
    s->attempt = x.attempt;
    auto& past = s->past.make();
    past.failed[x.why.code] += 1;
    past.retries[x.item] = item_retry{x.attempt, at + x.pause};
  }

  void operator()(const ev::item_degraded& x) const {
    auto s = stage(x.stage);
    if (!s || x.item >= s->items.size() || s->items[x.item])
      return;
    auto first = static_cast<std::uint32_t>(index_of(*s));
    for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane)
      if (works_for(st.plan->stages[first], lane))
        st.dub(lane).degraded[x.item] = degradation{x.stage, x.how, x.why};
    mark_done(*s, x.item, x.attempt);
    auto resting = stages_from(*st.plan, first);
    for (auto i = first + 1; i < st.stages.size(); ++i) {
      auto& later = st.stages[i];
      if (resting[i] && st.plan->stages[i].each == fan_out::segments
          && x.item < later.items.size() && !later.items[x.item])
        mark_done(later, x.item, later.attempt);
    }
  }

  void operator()(const ev::chunk_halved& x) const {
    auto s = stage(x.stage);
    if (!s || x.item >= s->items.size() || s->items[x.item])
      return;
    s->items.resize(s->items.size() + 2);
    mark_done(*s, x.item, s->attempt);
    st.chunks.resize(s->items.size());
    if (x.item >= st.spans.size())
      return; // folded without results
    auto whole = st.spans[x.item];
    st.spans[x.item] = {whole.start, whole.start};
    st.spans.push_back({whole.start, x.at});
    st.spans.push_back({x.at, whole.end});
  }

  void operator()(const ev::segment_edited& x) const {
    apply_edit(st, x);
  }

  void operator()(const ev::report_owed& x) const {
    st.owed = x.report;
    st.debt = st.seq;
    st.row.owes_report = true;
  }

  void operator()(const ev::report_delivered&) const {
    st.owed.reset();
    st.row.owes_report = false;
  }

  void go_on() const {
    end(job_status::running);
    st.error.reset();
    st.parked_until.reset();
  }

  /// What stood still goes on. @param fresh With all attempts anew: a person
  /// asked.
  void begin_afresh(bool fresh) const {
    if (fresh)
      open_languages(st);
    for (auto& s : st.stages) {
      if (fresh && s.past)
        s.past->retries.clear();
      if (s.status == stage_status::failed) {
        s.status = stage_status::running;
        s.ended_at.reset();
      }
    }
  }

  void reset_from(const ev::run_started& x) const {
    auto first = x.from.empty() ? 0 : st.plan->find(x.from);
    auto again = stages_from(*st.plan,
                             static_cast<std::uint32_t>(first < 0 ? 0 : first));
    for (std::size_t i = 0; i < again.size(); ++i)
      if (again[i])
        // What rests on the redone stage is made anew only if that comes out
        // different: its keys are those of its inputs.
        reset_stage(st, i,
                    x.redo
                      && (x.from.empty() || st.plan->stages[i].name == x.from));
  }
};

} // namespace

void evolve(job_state& state, const event& what) {
  state.seq = what.seq;
  state.row.updated_at = what.at;
  std::visit(folder{state, what.at}, what.body);
}

} // namespace dubber
