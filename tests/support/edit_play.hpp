#pragma once

#include "core/job/editing.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

/// Edits of one segment, and what they cost.
namespace dubber::test {

using counts = std::map<std::string, std::uint32_t>;
using text = std::optional<std::string>;

inline in::control edit(std::uint32_t segment, text words, text translation) {
  in::control out{control_verb::edit, {}, "anna", "a typo", false};
  out.edit = std::make_shared<segment_edit>(
    segment_edit{segment, std::move(words), std::move(translation)});
  return out;
}

/// Plays on and says which calls that took.
inline counts calls_of(job_play& play) {
  counts out;
  for (auto work = play.next(); !work.empty(); work = play.next()) {
    ++out[play.state.plan->stages[work.front().stage].name];
    play.feed(play.answer(work.front()));
  }
  return out;
}

inline job_play completed(std::uint32_t segments = 4) {
  job_play play{{1, segments, "hi"}};
  play.play_until("report");
  play.feed(in::told{play.state.debt});
  play.feed(in::delivered{"seen", play.state.debt});
  REQUIRE(play.state.row.status == job_status::completed);
  return play;
}

inline counts repeats(const job_play& play, const in::control& wish) {
  return repeats_of(play.state, decide(play.state, wish, play.now), play.now);
}

/// The same stored sound for every segment but `n`.
inline void check_others_kept(const job_state& before, const job_state& after,
                              std::uint32_t n) {
  REQUIRE(after.speeches.size() == before.speeches.size());
  for (std::uint32_t i = 0; i < before.speeches.size(); ++i)
    if (i != n)
      CHECK(after.speeches[i] == before.speeches[i]);
}

} // namespace dubber::test
