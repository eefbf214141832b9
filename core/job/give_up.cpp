#include "core/job/give_up.hpp"

#include "core/job/degrading.hpp"
#include "core/job/halving.hpp"
#include "core/lanes.hpp"

#include <optional>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

/// Beyond, something removes files as fast as they are made.
constexpr std::uint32_t most_losses = 100;

std::uint32_t stage_for(const job_state& st, std::uint32_t lane,
                        work_kind kind) {
  return static_cast<std::uint32_t>(stage_in(*st.plan, lane, kind));
}

/// What has to be done again when that artifact of one language is gone.
std::optional<work_ref> maker_in(const job_state& st, std::uint32_t lane,
                                 const std::string& key) {
  auto& dub = st.dub(lane);
  for (std::uint32_t i = 0; i < dub.speeches.size(); ++i)
    if (dub.speeches[i] && dub.speeches[i]->audio.key == key)
      return work_ref{stage_for(st, lane, work_kind::speak), i};
  if (dub.result)
    for (auto part : {&dub.result->video, &dub.result->srt, &dub.result->vtt,
                      &dub.result->report})
      if (part->key == key)
        return work_ref{stage_for(st, lane, work_kind::merge), 0};
  return std::nullopt;
}

/// What has to be done again when that artifact is gone; nothing for what is
/// not the job's own. @param lane Whose work has missed it.
std::optional<work_ref> maker_of(const job_state& st, std::uint32_t lane,
                                 const std::string& key) {
  if (auto maker = maker_in(st, lane, key))
    return maker;
  if (st.media && st.media->audio.key == key)
    return work_ref{stage_for(st, 0, work_kind::extract), 0};
  for (auto& [stage_no, items] : st.answers)
    for (std::uint32_t i = 0; i < items.size(); ++i)
      if (items[i] && items[i]->file && items[i]->file->key == key)
        return work_ref{stage_no, i};
  for (std::uint32_t other = 0; other < lanes_of(*st.plan); ++other)
    if (auto maker = maker_in(st, other, key))
      return maker;
  return std::nullopt;
}

bodies make_again(const job_state& st, work_ref maker, const std::string& key) {
  auto& spec = st.plan->stages[maker.stage];
  bodies out{ev::artifact_lost{key, spec.name, maker.item}};
  if (spec.each == fan_out::none)
    out.push_back(ev::stage_started{spec.name, 1});
  return out;
}

/// A dead actor and a full disk are not the service's: a person looks at them
/// whatever its policy says.
bool is_ours(fault_code code) {
  return code == fault_code::internal || is_hold(code);
}

} // namespace

bool is_open(const job_state& st, work_ref work) {
  if (!st.takes_results() || work.stage >= st.stages.size())
    return false;
  auto& stage = st.stages[work.stage];
  return stage.status == stage_status::running && work.item < stage.items.size()
         && !stage.items[work.item];
}

bodies fail_at(const std::string& stage, std::uint32_t item, const fault& why) {
  final_report report;
  report.status = "FAILED";
  report.activity = "Failed at " + stage + ": " + why.message;
  return {ev::stage_failed{stage, item, why}, ev::job_failed{why, stage, item},
          ev::report_owed{report}};
}

bodies give_up(const job_state& st, const in::gave_up& x, time_point now,
               const job_rules& rules) {
  if (!is_open(st, x.work))
    return {};
  auto& spec = st.plan->stages[x.work.stage];
  if (spec.kind == work_kind::fetch && x.why.code == fault_code::not_found)
    return {ev::job_rejected{x.why.message}};
  if (auto maker = x.why.subject.empty() || st.losses >= most_losses
                     ? std::nullopt
                     : maker_of(st, spec.lane, x.why.subject))
    return make_again(st, *maker, x.why.subject);
  if (auto at = where_to_halve(st, x.work, x.why))
    return {ev::chunk_halved{spec.name, x.work.item, *at, x.why}};
  auto parked = st.row.status == job_status::parked;
  if (auto how = stand_in_for(st, x, rules))
    return parked ? bodies{} : degrade(st, x, *how, now, rules);
  if (!is_retryable(x.why.code))
    return fail_at(spec.name, x.work.item, x.why);
  if (parked)
    return {};
  auto policy = rules.on_exhausted.find(spec.policy);
  if (policy != rules.on_exhausted.end() && policy->second == exhausted::fail
      && !is_ours(x.why.code))
    return fail_at(spec.name, x.work.item, x.why);
  // Another time it may well work: a person decides.
  return {
    ev::job_parked{x.why, spec.name, x.work.item, now + rules.park_timeout}};
}

} // namespace dubber
