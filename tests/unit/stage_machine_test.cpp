#include "core/stage_machine.hpp"

#include "tests/support/catch.hpp"

#include <random>

using namespace dubber;

namespace {

using sm = stage_machine;
using state = stage_machine::state;

fault of(fault_code code) {
  return {code, "x", 0, std::nullopt};
}

stage_setup plain(int attempts) {
  stage_setup out;
  out.retry = {attempts, ms{1'000}, 2.0, ms{60'000}, false};
  return out;
}

/// The call fails, and what the gate says to that where it is asked.
std::vector<sm::action> fail(sm& m, sm::failed how, bool down = false) {
  auto out = m.on(how, 0.5);
  if (m.current() == state::judging)
    for (auto& x : m.on(sm::judged{down}, 0.5))
      out.push_back(x);
  return out;
}

sm calling(stage_setup setup) {
  sm m{setup};
  m.on(sm::start{}, 0.5);
  m.on(sm::granted{}, 0.5);
  REQUIRE(m.current() == state::calling);
  return m;
}

} // namespace

TEST_CASE("stage: the straight way") {
  sm m{plain(3)};
  auto a = m.on(sm::start{}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::holds_alternative<sm::ask_permit>(a[0]));
  a = m.on(sm::granted{}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::get<sm::call>(a[0]).attempt == 1);
  a = m.on(sm::replied{}, 0.5);
  REQUIRE(a.size() == 2);
  CHECK_FALSE(std::get<sm::end_permit>(a[0]).blamed);
  CHECK(std::get<sm::finish>(a[1]).attempt == 1);
  CHECK(m.current() == state::done);
}

TEST_CASE("stage: a failure is recorded before the pause begins") {
  auto m = calling(plain(3));
  auto a = fail(m, sm::failed{of(fault_code::timeout)});
  REQUIRE(a.size() == 2);
  CHECK(std::get<sm::end_permit>(a[0]).blamed);
  auto& record = std::get<sm::record_failure>(a[1]);
  CHECK(record.attempt == 1);
  CHECK(record.pause == ms{1'000});
  CHECK(m.on(sm::pause_over{}, 0.5).empty());
  a = m.on(sm::recorded{}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::get<sm::pause>(a[0]).length == ms{1'000});
  CHECK(m.attempt() == 2);
  a = m.on(sm::pause_over{}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::holds_alternative<sm::ask_permit>(a[0]));
}

TEST_CASE("stage: it gives up on final faults and after the last attempt") {
  auto code = GENERATE(fault_code::refused, fault_code::timeout);
  auto m = calling(plain(code == fault_code::timeout ? 1 : 3));
  auto a = fail(m, sm::failed{of(code)});
  REQUIRE(a.size() == 2);
  CHECK(std::get<sm::give_up>(a[1]).why.code == code);
  CHECK(m.current() == state::gave_up);
}

TEST_CASE("stage: a full disk is nobody's attempt") {
  auto m = calling(plain(1));
  auto a = m.on(sm::failed{of(fault_code::disk)}, 0.5);
  REQUIRE(a.size() == 2);
  CHECK_FALSE(std::get<sm::end_permit>(a[0]).blamed);
  CHECK(std::holds_alternative<sm::pause>(a[1]));
  CHECK(m.attempt() == 1);
  CHECK(m.on(sm::pause_over{}, 0.5).size() == 1);
  CHECK(m.current() == state::asking);
}

TEST_CASE("stage: a full queue is asked again after a second") {
  sm m{plain(3)};
  m.on(sm::start{}, 0.5);
  auto a = m.on(sm::queue_full{}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::get<sm::pause>(a[0]).length == ms{1'000});
  m.on(sm::pause_over{}, 0.5);
  CHECK(m.current() == state::asking);
}

TEST_CASE("stage: recovery goes on with the rest of the pause") {
  auto setup = plain(5);
  setup.failed_attempts = 3;
  setup.first_pause = ms{700};
  sm m{setup};
  auto a = m.on(sm::start{}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::get<sm::pause>(a[0]).length == ms{700});
  CHECK(m.attempt() == 4);
}

TEST_CASE("stage: whatever comes, permits balance and attempts are bounded") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 rng{seed};
    sm m{plain(3)};
    int calls = 0, ended = 0, last = 0;
    for (int i = 0; i < 200; ++i) {
      auto ended_before
        = m.current() == state::done || m.current() == state::gave_up;
      sm::event e = sm::start{};
      switch (rng() % 9) {
      case 1:
        e = sm::granted{};
        break;
      case 2:
        e = sm::queue_full{};
        break;
      case 3:
        e = sm::recorded{};
        break;
      case 4:
        e = sm::pause_over{};
        break;
      case 5:
        e = sm::failed{of(fault_code::timeout)};
        break;
      case 6:
        e = sm::failed{of(fault_code::disk)};
        break;
      case 7:
        if (rng() % 4 == 0)
          e = sm::replied{};
        break;
      case 8:
        e = sm::judged{false};
        break;
      default:
        break;
      }
      auto actions = m.on(e, 0.5);
      REQUIRE((!ended_before || actions.empty()));
      for (auto& a : actions) {
        if (auto* c = std::get_if<sm::call>(&a)) {
          ++calls;
          REQUIRE(c->attempt >= last);
          REQUIRE(c->attempt <= 3);
          last = c->attempt;
        }
        ended += std::holds_alternative<sm::end_permit>(a) ? 1 : 0;
      }
      REQUIRE(calls - ended == (m.current() == state::calling ? 1 : 0));
    }
  }
}

TEST_CASE("stage: no attempt begins after the total timeout") {
  auto setup = plain(5);
  setup.total_timeout = ms{10'000};
  auto m = calling(setup);
  auto a = fail(m, sm::failed{of(fault_code::timeout), ms{8'999}, ms{0}});
  CHECK(std::holds_alternative<sm::record_failure>(a.at(1)));
  auto late = calling(setup);
  a = fail(late, sm::failed{of(fault_code::timeout), ms{9'000}, ms{0}});
  CHECK(std::holds_alternative<sm::give_up>(a.at(1)));
}

TEST_CASE("stage: a fault that is nobody's is waited out, but not for ever") {
  auto setup = plain(1);
  setup.max_hold = ms{60'000};
  auto m = calling(setup);
  auto a = m.on(sm::failed{of(fault_code::disk), ms{0}, ms{59'000}}, 0.5);
  CHECK(std::holds_alternative<sm::pause>(a.at(1)));
  auto late = calling(setup);
  a = late.on(sm::failed{of(fault_code::disk), ms{0}, ms{60'000}}, 0.5);
  CHECK(std::holds_alternative<sm::give_up>(a.at(1)));
}

TEST_CASE("stage: a wait for a permit that took too long ends it") {
  sm m{plain(3)};
  m.on(sm::start{}, 0.5);
  auto a = m.on(sm::expired{of(fault_code::unreachable)}, 0.5);
  REQUIRE(a.size() == 1);
  CHECK(std::get<sm::give_up>(a[0]).attempt == 1);
  CHECK(m.current() == state::gave_up);
  CHECK(m.on(sm::granted{}, 0.5).empty());
}

TEST_CASE("stage: while the service is down nobody's attempts are used up") {
  auto code = GENERATE(fault_code::unreachable, fault_code::busy,
                       fault_code::timeout, fault_code::server_error);
  auto m = calling(plain(1));
  auto a = fail(m, sm::failed{of(code)}, true);
  REQUIRE(a.size() == 3);
  CHECK(std::get<sm::end_permit>(a[0]).blamed);
  CHECK(std::holds_alternative<sm::forgive>(a[1]));
  CHECK(std::holds_alternative<sm::ask_permit>(a[2]));
  CHECK(m.attempt() == 1);
  CHECK(m.failed_before());
}

TEST_CASE("stage: what may be the work's own fault is forgiven for a while") {
  auto setup = plain(1);
  setup.max_hold = ms{86'400'000};
  auto after = [&](fault_code code, ms down) {
    auto m = calling(setup);
    sm::failed how{of(code)};
    how.down = down;
    fail(m, how, true);
    return m.current();
  };
  CHECK(after(fault_code::bad_answer, ms{0}) == state::gave_up);
  CHECK(after(fault_code::timeout, doubt - ms{1}) == state::asking);
  CHECK(after(fault_code::timeout, doubt) == state::gave_up);
  CHECK(after(fault_code::unreachable, doubt) == state::asking);
  CHECK(after(fault_code::unreachable, setup.max_hold) == state::gave_up);
}

TEST_CASE("stage: what may be too long is charged, not held against the "
          "service") {
  auto m = calling(plain(2));
  sm::failed how{of(fault_code::server_error)};
  how.maybe_too_long = true;
  auto a = fail(m, how, true);
  CHECK_FALSE(std::get<sm::end_permit>(a.at(0)).blamed);
  CHECK(std::holds_alternative<sm::record_failure>(a.at(1)));
  m.on(sm::recorded{}, 0.5);
  m.on(sm::pause_over{}, 0.5);
  m.on(sm::granted{}, 0.5);
  CHECK(std::get<sm::give_up>(fail(m, how, true).at(1)).attempt == 2);
  how.why.code = fault_code::unreachable; // nothing was too long there
  auto unheard = calling(plain(2));
  CHECK(std::get<sm::end_permit>(fail(unheard, how, true).at(0)).blamed);
}

TEST_CASE("stage: the last attempt waits for a service that only fails") {
  auto m = calling(plain(1));
  m.on(sm::failed{of(fault_code::unreachable)}, 0.5);
  auto a = m.on(sm::judged{false, true}, 0.5);
  REQUIRE(a.size() == 2);
  CHECK(std::holds_alternative<sm::forgive>(a[0]));
  CHECK(std::get<sm::pause>(a[1]).length == ms{60'000});
  CHECK(m.attempt() == 1);
  auto odd = calling(plain(1));
  odd.on(sm::failed{of(fault_code::unreachable)}, 0.5);
  odd.on(sm::judged{false, false}, 0.5);
  CHECK(odd.current() == state::gave_up);
}
