/// Whatever comes in whatever order: the journal alone gives the same state.
#include "journal/codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/job_play.hpp"

#include <array>
#include <random>

using namespace dubber;
using test::job_play;

namespace {

class random_inputs {
public:
  explicit random_inputs(std::uint64_t seed) : random_(seed) {
    // nop
  }

  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(random_() % n);
  }

  /// Mostly what fits; sometimes what is late, doubled or nonsense.
  job_input next(const job_play& play) {
    if (play.state.seq == 0)
      return in::accept{7, 1, "", 0, "test", ""};
    auto open = play.next(1 + below(4));
    auto fits = !open.empty() && below(4) != 0;
    auto work = fits ? open[below(static_cast<std::uint32_t>(open.size()))]
                     : work_ref{below(9), below(4)};
    switch (below(24)) {
    case 0:
      return in::accept{7, 1, "", 0, "test", ""};
    case 1:
      return in::told{play.state.debt};
    case 2:
      return in::delivered{below(2) ? "seen" : "gone", play.state.debt};
    case 3:
      return below(6)
               ? job_input{in::told{play.state.debt}}
               : in::control{
                 control_verb::cancel, {}, "test", "why not", below(2) == 0};
    case 4:
      return below(4) ? job_input{failure(play, work)}
                      : in::gave_up{work, 3, some_fault()};
    case 5:
    case 6:
    case 7:
      return failure(play, work);
    case 8:
      return below(3) ? wish() : job_input{in::park_over{}};
    default:
      return fits ? job_input{play.answer(work, 1 + attempts(play, work))}
                  : in::item_done{work, 1, translated{"lost"}};
    }
  }

private:
  static int attempts(const job_play& play, work_ref work) {
    if (work.stage >= play.state.stages.size())
      return 0;
    auto retry = play.state.stages[work.stage].retry_of(work.item);
    return retry ? retry->failed_attempts : 0;
  }

  fault some_fault() {
    fault why;
    why.code = static_cast<fault_code>(below(14));
    why.message = "f\xC3\xA4ult";
    if (below(2))
      why.retry_after = ms{below(10'000)};
    return why;
  }

  job_input wish() {
    constexpr std::array verbs{control_verb::pause,  control_verb::resume,
                               control_verb::resume, control_verb::retry,
                               control_verb::redo,   control_verb::restart};
    constexpr std::array stages{"fetch", "asr", "tts", "merge", "report", "x"};
    return in::control{verbs[below(6)], stages[below(6)], "test", "", false};
  }

  in::attempt_failed failure(const job_play& play, work_ref work) {
    return {work, 1 + attempts(play, work), some_fault(), ms{below(5'000)}};
  }

  std::mt19937_64 random_;
};

std::vector<event> through_codec(const std::vector<event>& history) {
  std::vector<event> out;
  for (auto& fact : history) {
    auto body
      = decode(type_name(fact.body), payload_version, encode(fact.body));
    REQUIRE(body);
    out.push_back({fact.seq, fact.at, fact.run, *body});
  }
  return out;
}

/// What lists and recovery see of a row.
job_row seen(job_row row) {
  row.updated_at = {};
  return row;
}

bool repeatable(const job_input& input) {
  return !std::holds_alternative<in::attempt_failed>(input)
         && !std::holds_alternative<in::item_done>(input)
         && !std::holds_alternative<in::control>(input);
}

} // namespace

TEST_CASE(
  "job: folded and refolded, the state and what comes next are the same") {
  std::uint64_t steps = 0;
  std::uint64_t ended = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    random_inputs inputs{seed};
    job_play play{{1 + inputs.below(2), 2 + inputs.below(4), "hi"}};
    CAPTURE(seed);
    for (auto n = 0; n < 80; ++n, ++steps) {
      auto input = inputs.next(play);
      auto before = play.state;
      auto facts = play.feed(input);
      // A decision is a function of state and input, and the facts are numbered
      // without gaps.
      REQUIRE(decide(before, input, play.now).size() == facts.size());
      REQUIRE(play.state.seq == before.seq + facts.size());
      if (facts.empty())
        REQUIRE(play.state == before);
      if (repeatable(input))
        REQUIRE(decide(play.state, input, play.now).empty());
    }
    auto again = test::fold(through_codec(play.history));
    REQUIRE(again == play.state);
    for (std::size_t window : {1, 3, 64})
      REQUIRE(startable(again, {}, window)
              == startable(play.state, {}, window));
    REQUIRE(seen(*play.row) == seen(play.state.row));
    ended += is_final(play.state.row.status);
  }
  // The dice must neither end every job at once nor let them all run on.
  CHECK(ended > 100);
  CHECK(ended < 300);
  CHECK(steps == 300 * 80);
}

TEST_CASE("job: what is decided together comes to the same as one by one") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    random_inputs inputs{seed};
    job_play single{{2, 5, "hi"}};
    std::vector<job_input> script;
    for (auto n = 0; n < 60; ++n) {
      script.push_back(inputs.next(single));
      single.feed(script.back());
    }
    CAPTURE(seed);
    // The same instant throughout: pauses end and parking times differ else.
    job_state one;
    job_state many;
    one.row.job_no = many.row.job_no = 1;
    std::vector<event> apart;
    for (auto& input : script)
      for (auto& fact : decide_all(one, {input}, single.now).events) {
        evolve(one, fact);
        apart.push_back(fact);
      }
    std::vector<event> together;
    while (!script.empty()) {
      std::vector<job_input> some{
        script.begin(),
        script.begin()
          + std::min<std::ptrdiff_t>(1 + inputs.below(9), std::ssize(script))};
      auto next = decide_all(many, some, single.now);
      REQUIRE(next.used > 0);
      auto row = row_after(many, next.events);
      if (!next.events.empty())
        REQUIRE(next.row == row);
      for (auto& fact : next.events) {
        evolve(many, fact);
        together.push_back(fact);
      }
      script.erase(script.begin(),
                   script.begin() + static_cast<std::ptrdiff_t>(next.used));
    }
    REQUIRE(together == apart);
  }
}

TEST_CASE("job: decided together or one by one, inputs mean the same") {
  std::uint64_t shared = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    random_inputs inputs{seed};
    job_play one_by_one{{2, 5, "hi"}};
    auto together = one_by_one.state;
    for (auto n = 0; n < 40; ++n) {
      // What comes while an append is under way, at one moment.
      std::vector<job_input> waiting;
      auto now = one_by_one.now;
      for (auto k = inputs.below(6); k-- > 0;) {
        waiting.push_back(inputs.next(one_by_one));
        one_by_one.now = now;
        one_by_one.feed(waiting.back());
      }
      while (!waiting.empty()) {
        auto next = decide_all(together, waiting, now);
        REQUIRE(next.used > 0);
        shared += next.used > 1;
        for (auto& fact : next.events)
          evolve(together, fact);
        waiting.erase(waiting.begin(),
                      waiting.begin() + static_cast<std::ptrdiff_t>(next.used));
      }
      REQUIRE(together == one_by_one.state);
    }
  }
  CHECK(shared > 1'000);
}

TEST_CASE("job: after each append a restarted job goes on to the same end") {
  job_play play{{2, 5, "hi"}};
  play.play_until("report");
  play.feed(in::told{play.state.debt});
  play.feed(in::delivered{"seen", play.state.debt});
  REQUIRE(play.appends.size() > 15);
  for (auto cut : play.appends) {
    std::vector<event> prefix{play.history.begin(),
                              play.history.begin()
                                + static_cast<std::ptrdiff_t>(cut)};
    job_play resumed{{2, 5, "hi"}};
    resumed.state = test::fold(prefix);
    resumed.play_until("report");
    resumed.feed(in::told{resumed.state.debt});
    CHECK(resumed.state.row.status == job_status::completed);
    CHECK(resumed.state.output_object_key == "dubbed_7.mp4");
  }
}

TEST_CASE("job: nothing changes after the end but the debt") {
  job_play play;
  play.play_until("merge");
  fault why{fault_code::invalid_input, "no video", 0, {}};
  play.feed(in::gave_up{play.ref("merge"), 3, why});
  REQUIRE(is_final(play.state.row.status));
  random_inputs inputs{1};
  for (auto n = 0; n < 500; ++n) {
    auto before = play.state;
    auto input = inputs.next(play);
    if (std::holds_alternative<in::control>(input))
      continue; // a person may do more
    for (auto& fact : play.feed(input))
      REQUIRE(std::holds_alternative<ev::report_delivered>(fact.body));
    before.owed = play.state.owed;
    before.seq = play.state.seq;
    before.row = play.state.row;
    REQUIRE(play.state == before);
    REQUIRE(play.state.row.status == job_status::failed);
  }
}
