#include "core/endpoints.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

time_point at(int millis) {
  return time_point{ms{1'000'000 + millis}};
}

} // namespace

TEST_CASE("endpoints: the fewest open calls, in turn among equals") {
  endpoints e{3};
  CHECK(e.granted(at(0)) == 0);
  CHECK(e.granted(at(0)) == 1);
  CHECK(e.granted(at(0)) == 2);
  CHECK_FALSE(e.ended(1, false, at(1)));
  CHECK(e.granted(at(1)) == 1);
  CHECK(e.all()[1].open == 1);
}

TEST_CASE("endpoints: one that failed is left out, longer each time") {
  endpoints e{2};
  CHECK(e.granted(at(0)) == 0);
  CHECK_FALSE(e.ended(0, true, at(0))); // the other one will do
  for (int i = 0; i < 3; ++i)
    CHECK(e.granted(at(10)) == 1);
  CHECK(e.granted(at(1'000)) == 0);
  e.ended(0, true, at(1'000));
  CHECK(e.all()[0].out_until == at(3'000));
  // Calls that left before it failed do not lengthen it.
  e.ended(0, true, at(1'100));
  CHECK(e.all()[0].out_until == at(3'000));
  CHECK(e.granted(at(3'000)) == 0);
  e.ended(0, false, at(3'100));
  CHECK(e.all()[0].failed_in_a_row == 0);
}

TEST_CASE("endpoints: when all fail, the service does") {
  endpoints e{2};
  e.granted(at(0));
  e.granted(at(0));
  CHECK_FALSE(e.ended(0, true, at(0)));
  CHECK(e.ended(1, true, at(1)));
  CHECK(e.granted(at(2)) == 0); // whose time comes first
  endpoints only{0};
  CHECK(only.granted(at(0)) == 0);
  CHECK(only.ended(0, true, at(0)));
}

TEST_CASE("endpoints: calls to URLs of an earlier policy are forgotten") {
  endpoints e{3};
  e.granted(at(0));
  e.granted(at(0));
  e.resize(1);
  CHECK_FALSE(e.ended(1, true, at(0)));
  CHECK_FALSE(e.ended(0, false, at(0)));
  CHECK(e.all()[0].open == 0);
}

TEST_CASE("endpoints: one call finds out whether a URL is well again") {
  endpoints e{2};
  CHECK(e.granted(at(0)) == 0);
  e.ended(0, true, at(0));
  CHECK(e.granted(at(2'000), true) == 1); // it has failed there already
  CHECK(e.granted(at(2'000)) == 0);
  for (int i = 0; i < 5; ++i)
    CHECK(e.granted(at(2'000)) == 1);
  e.ended(0, false, at(2'100));
  for (int i = 0; i < 5; ++i)
    CHECK(e.granted(at(2'100)) == 0); // the fewest open calls again
}
