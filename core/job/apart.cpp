#include "core/job/apart.hpp"

#include "core/job/degrading.hpp"
#include "core/job/give_up.hpp"
#include "core/lanes.hpp"

#include <algorithm>

namespace dubber {

namespace {

using bodies = std::vector<event_body>;

/// That something was given up for one language, where the facts say that.
std::optional<ev::language_stopped> stop_in(const job_state& st,
                                            const bodies& facts) {
  for (auto& fact : facts) {
    auto parked = std::get_if<ev::job_parked>(&fact);
    auto failed = std::get_if<ev::job_failed>(&fact);
    if (!parked && !failed)
      continue;
    auto& stage = parked ? parked->stage : failed->stage;
    auto i = st.plan->find(stage);
    if (i < 0)
      return std::nullopt;
    auto& spec = st.plan->stages[static_cast<std::size_t>(i)];
    if (spec.shared)
      return std::nullopt;
    return ev::language_stopped{
      language_in(st, spec.lane), stage, parked ? parked->item : failed->item,
      parked ? parked->why : failed->why, failed != nullptr};
  }
  return std::nullopt;
}

/// Whether these facts may have been the last of a language.
bool may_close(const bodies& facts) {
  return std::any_of(facts.begin(), facts.end(), [](auto& fact) {
    return std::holds_alternative<ev::stage_completed>(fact)
           || std::holds_alternative<ev::language_stopped>(fact)
           || std::holds_alternative<ev::job_resumed>(fact);
  });
}

/// How the job stands still when none of its languages goes on.
bodies stand_still(const job_state& st, time_point now,
                   const job_rules& rules) {
  const job_stop* first = nullptr;
  auto hopeless = true;
  std::string languages;
  for (std::uint32_t lane = 0; lane < lanes_of(*st.plan); ++lane) {
    auto& stop = st.dub(lane).stopped;
    hopeless = hopeless && stop && stop->fails;
    if (!stop)
      continue;
    // Another attempt may help one of them: that one is what it waits for.
    if (!first || (first->fails && !stop->fails))
      first = &*stop;
    languages += (languages.empty() ? "" : ", ") + language_in(st, lane);
  }
  if (!first)
    return {}; // none has stopped
  auto why = first->error.why;
  why.message = "not dubbed into " + languages + ": " + why.message;
  if (hopeless)
    return fail_at(first->error.stage, first->error.item, why);
  return {ev::job_parked{why, first->error.stage, first->error.item,
                         now + rules.park_timeout}};
}

} // namespace

bool is_stopped(const job_state& st, work_ref work) {
  auto& spec = st.plan->stages[work.stage];
  return !spec.shared && st.dub(spec.lane).stopped;
}

bool is_through(const job_state& st, std::uint32_t lane) {
  for (std::size_t i = 0; i < st.stages.size(); ++i) {
    auto& spec = st.plan->stages[i];
    if (!spec.shared && spec.lane == lane
        && st.stages[i].status != stage_status::done)
      return false;
  }
  return true;
}

void stop_language(job_state& st, const ev::language_stopped& x) {
  auto lane = lane_of(*st.plan, st.row.target_language, x.language);
  if (lane >= 0)
    st.dub(static_cast<std::uint32_t>(lane)).stopped
      = job_stop{{x.why, x.stage, x.item}, x.fails};
}

void open_languages(job_state& st) {
  st.stopped.reset();
  for (auto& dub : st.further)
    dub.stopped.reset();
}

bodies keep_apart(const job_state& st, const job_input& input, bodies facts,
                  time_point now, const job_rules& rules) {
  // A person's patience is over: that is about the whole job.
  if (std::holds_alternative<in::park_over>(input)
      || std::holds_alternative<in::halt>(input))
    return facts;
  if (auto stop = stop_in(st, facts)) {
    auto lane = lane_of(*st.plan, st.row.target_language, stop->language);
    if (st.dub(static_cast<std::uint32_t>(std::max(0, lane))).stopped)
      return {};
    facts = {std::move(*stop)};
  }
  if (!may_close(facts))
    return facts;
  auto next = without_results(st);
  for (auto& fact : facts)
    evolve(next, {next.seq + 1, now, next.row.run, fact});
  auto any_stopped = false;
  for (std::uint32_t lane = 0; lane < lanes_of(*next.plan); ++lane) {
    auto stopped = static_cast<bool>(next.dub(lane).stopped);
    if (!stopped && !is_through(next, lane))
      return facts;
    any_stopped = any_stopped || stopped;
  }
  if (any_stopped && next.is_active())
    for (auto& fact : stand_still(next, now, rules))
      facts.push_back(std::move(fact));
  return facts;
}

} // namespace dubber
