#include "core/shared_value.hpp"

#include "tests/support/catch.hpp"

#include <string>

using dubber::shared_value;
using dubber::unless_usual;

TEST_CASE("shared value: copies have the same one until one is edited") {
  shared_value<std::string> a{"one"};
  auto b = a;
  CHECK(&*a == &*b);
  b.edit() += " more";
  CHECK(*a == "one");
  CHECK(*b == "one more");
  CHECK_FALSE(a == b);
  b = std::string{"one"};
  CHECK(a == b);
}

TEST_CASE("shared value: none reads as the usual one") {
  shared_value<std::string> none;
  CHECK_FALSE(none);
  CHECK(none->empty());
  CHECK(none == shared_value<std::string>{""});
  CHECK_FALSE(unless_usual(std::string{}));
  CHECK(unless_usual(std::string{"x"}));
  none.edit() = "x";
  CHECK(none.has_value());
  none.reset();
  CHECK(*none == "");
}
