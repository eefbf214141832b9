#include "core/report_machine.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

using rm = report_machine;
using actions = std::vector<rm::action>;

const report_update done{"COMPLETED", 100, "", "", "out.mp4"};

report_update step(int percent) {
  return {"PROCESSING", percent, "", "", ""};
}

rm::patched broken(fault_code code, int status = 0) {
  return {fault{code, "x", status, std::nullopt}};
}

template <class T>
const T& only(const actions& a) {
  REQUIRE(a.size() == 1);
  REQUIRE(std::holds_alternative<T>(a[0]));
  return std::get<T>(a[0]);
}

/// The final state was answered; the first check waits.
rm told() {
  rm m;
  CHECK(only<rm::patch>(m.on(rm::owe{done})).update == done);
  auto a = m.on(rm::patched{});
  REQUIRE(a.size() == 2);
  CHECK(std::holds_alternative<rm::told>(a[0]));
  CHECK(std::get<rm::wait>(a[1]).length == ms{1'000});
  return m;
}

} // namespace

TEST_CASE("report: one call in flight, the latest progress wins") {
  rm m;
  CHECK(only<rm::patch>(m.on(rm::progress{step(1)})).update == step(1));
  CHECK(m.on(rm::progress{step(2)}).empty());
  CHECK(m.on(rm::progress{step(3)}).empty());
  CHECK(only<rm::wait>(m.on(broken(fault_code::timeout))).length == ms{1'000});
  CHECK(only<rm::patch>(m.on(rm::timer{})).update == step(3));
}

TEST_CASE("report: the final state waits for the call in flight") {
  rm m;
  m.on(rm::progress{step(1)});
  m.on(rm::progress{step(2)});
  CHECK(m.on(rm::owe{done}).empty());
  CHECK(only<rm::patch>(m.on(rm::patched{})).update == done);
  CHECK(m.on(rm::progress{step(3)}).empty());
}

TEST_CASE("report: the debt is repeated, 1 s to 60 s apart, until answered") {
  rm m;
  m.on(rm::owe{done});
  for (int expected : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    CHECK(only<rm::wait>(m.on(broken(fault_code::unreachable))).length
          == ms{expected * 1'000});
    CHECK(only<rm::patch>(m.on(rm::timer{})).update == done);
  }
  CHECK(m.on(rm::patched{}).size() == 2);
}

TEST_CASE("report: read back twice, then over") {
  auto m = told();
  only<rm::get>(m.on(rm::timer{}));
  CHECK(only<rm::wait>(m.on(rm::got{{}, "COMPLETED", "out.mp4"})).length
        == ms{9'000});
  only<rm::get>(m.on(rm::timer{}));
  CHECK(only<rm::delivered>(m.on(rm::got{{}, "COMPLETED", "out.mp4"})).outcome
        == "seen");
  CHECK(m.is_over());
  CHECK(m.on(rm::timer{}).empty());
}

TEST_CASE("report: an overwritten final state is sent again, told once") {
  auto m = told();
  m.on(rm::timer{});
  CHECK(only<rm::patch>(m.on(rm::got{{}, "PROCESSING", ""})).update == done);
  only<rm::wait>(m.on(rm::patched{}));
}

TEST_CASE("report: a 500 asks whether the job is gone") {
  rm m;
  m.on(rm::owe{done});
  only<rm::get>(m.on(broken(fault_code::server_error, 500)));
  SECTION("gone ends the debt") {
    rm::got gone{fault{fault_code::not_found, "x", 404, std::nullopt}, "", ""};
    CHECK(only<rm::delivered>(m.on(gone)).outcome == "gone");
    CHECK(m.is_over());
  }
  SECTION("still there: tried again") {
    only<rm::wait>(m.on(rm::got{{}, "PROCESSING", ""}));
    only<rm::patch>(m.on(rm::timer{}));
  }
}
