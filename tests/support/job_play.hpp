#pragma once

#include "core/job/machine.hpp"
#include "tests/support/dub_samples.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace dubber::test {

/// A job without actors: feeds the machine, keeps its history, a second a step.
class job_play {
public:
  explicit job_play(dub_shape shape = {}) : shape_(shape) {
    state.row.job_no = 1;
  }

  /// Decides, numbers and folds; returns the new facts.
  std::vector<event> feed(const job_input& input) {
    auto next = decide_all(state, {input}, now, rules);
    auto& facts = next.events;
    now += ms{1'000};
    if (next.row)
      row = next.row;
    for (auto& fact : facts)
      evolve(state, fact);
    history.insert(history.end(), facts.begin(), facts.end());
    if (!facts.empty())
      appends.push_back(history.size());
    return std::move(facts);
  }

  std::vector<std::string> names(const job_input& input) {
    std::vector<std::string> out;
    for (auto& fact : feed(input))
      out.emplace_back(type_name(fact.body));
    return out;
  }

  void accept() {
    feed(in::accept{7, 1, "", 0, "test", ""});
  }

  work_ref ref(std::string_view stage, std::uint32_t item = 0) const {
    return {static_cast<std::uint32_t>(state.plan->find(stage)), item};
  }

  const stage_progress& stage(std::string_view name) const {
    return state.stages[ref(name).stage];
  }

  /// The faultless answer to startable work.
  in::item_done answer(work_ref work, int attempt = 1) const {
    return {work, attempt, sample_answer(*make_order(state, work), shape_)};
  }

  std::vector<work_ref> next(std::size_t window = 64) const {
    return startable(state, {}, window);
  }

  /// Finishes the first startable item, again and again, until `stage` runs (or
  /// nothing is left).
  void play_until(std::string_view stage) {
    if (state.seq == 0)
      accept();
    for (auto work = next(); !work.empty(); work = next()) {
      // Those of further languages are there when it was fetched.
      if (state.plan->find(stage) >= 0
          && this->stage(stage).status != stage_status::pending)
        return;
      feed(answer(work.front()));
    }
  }

  job_state state;
  job_rules rules;
  std::vector<event> history;
  std::vector<std::size_t> appends; ///< where each append of `history` ends
  std::optional<job_row> row;       ///< as the journal has it
  time_point now{ms{1'700'000'000'000}};

private:
  dub_shape shape_;
};

/// The fold of a history, from nothing.
inline job_state fold(const std::vector<event>& history) {
  job_state out;
  out.row.job_no = 1;
  for (auto& fact : history)
    evolve(out, fact);
  return out;
}

} // namespace dubber::test
