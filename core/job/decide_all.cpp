#include "core/job/degrading.hpp"
#include "core/job/machine.hpp"
#include "core/overload.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// Whether deciding it needs results of earlier inputs of the same append.
bool needs_results(const job_state& state, const job_input& input) {
  auto& stages = state.plan->stages;
  auto of_asr = [&](work_ref work) {
    return work.stage < stages.size()
           && stages[work.stage].kind == work_kind::transcribe;
  };
  // How many chunks there are, is told by the extraction's result.
  auto before_asr = [&](work_ref work) {
    return work.stage < stages.size()
           && std::any_of(stages.begin(), stages.end(), [&](auto& spec) {
                auto& names = spec.after;
                return spec.each == fan_out::chunks
                       && std::find(names.begin(), names.end(),
                                    stages[work.stage].name)
                            != names.end();
              });
  };
  if (auto done = std::get_if<in::item_done>(&input))
    return of_asr(done->work) || before_asr(done->work);
  auto gave_up = std::get_if<in::gave_up>(&input);
  return gave_up && (!gave_up->why.subject.empty() || of_asr(gave_up->work));
}

/// Whether the job's row may say something else after it than before; that it
/// has changed at all is written once a second.
bool may_change_row(const event& what) {
  auto fetches = [](auto& x) {
    return std::holds_alternative<fetched>(x.result);
  };
  return std::visit(overload{
                      [](const ev::stage_started&) { return false; },
                      [](const ev::attempt_failed&) { return false; },
                      [&](const ev::item_completed& x) { return fetches(x); },
                      [&](const ev::stage_completed& x) { return fetches(x); },
                      [](const auto&) { return true; },
                    },
                    what.body);
}

bool in_same_second(time_point a, time_point b) {
  using std::chrono::seconds;
  return std::chrono::floor<seconds>(a) == std::chrono::floor<seconds>(b);
}

} // namespace

std::optional<job_row> row_after(const job_state& state,
                                 const std::vector<event>& events) {
  if (events.empty())
    return std::nullopt;
  auto at = events.back().at;
  if (state.seq > 0 && in_same_second(at, state.row.updated_at)
      && std::none_of(events.begin(), events.end(), may_change_row))
    return std::nullopt;
  job_state next;
  next.book = state.book;
  next.plan = state.plan;
  next.stages.resize(state.plan->stages.size());
  next.further.resize(state.further.size());
  next.seq = state.seq;
  next.row = state.row;
  for (auto& x : events)
    evolve(next, x);
  auto same = next.row;
  same.updated_at = state.row.updated_at;
  if (state.seq > 0 && same == state.row
      && in_same_second(at, state.row.updated_at))
    return std::nullopt;
  return next.row;
}

decision decide_all(const job_state& state,
                    const std::vector<job_input>& inputs, time_point now,
                    const job_rules& rules) {
  decision out;
  std::optional<job_state> light;
  for (auto& input : inputs) {
    // A wish begins an append of its own: its asker is answered by it.
    if (out.used > 0 && std::holds_alternative<in::control>(input))
      break;
    if (!out.events.empty()) {
      if (out.events.size() >= append_limit || needs_results(state, input))
        break;
      if (!light) {
        light = without_results(state);
        for (auto& x : out.events)
          evolve(*light, x);
      }
    }
    auto& current = light ? *light : state;
    auto run = current.row.run;
    auto anew = false;
    auto before = out.events.size();
    for (auto& body : decide(current, input, now, rules)) {
      if (std::holds_alternative<ev::run_started>(body)) {
        ++run; // the first event of the new run
        anew = true;
      }
      anew |= std::holds_alternative<ev::segment_edited>(body);
      event next{current.seq + 1, now, run, std::move(body)};
      if (light)
        evolve(*light, next);
      else
        next.seq = state.seq + out.events.size() + 1;
      out.events.push_back(std::move(next));
    }
    ++out.used;
    if (auto done = std::get_if<in::item_done>(&input);
        done && !done->key.empty() && out.events.size() > before)
      out.results.push_back({done->key, done->result, now});
    if (anew)
      break; // what came before may be about what is done again
  }
  if (!out.events.empty())
    out.row = row_after(state, out.events);
  return out;
}

} // namespace dubber
