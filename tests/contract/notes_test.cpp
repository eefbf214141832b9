/// Kept notes stay readable, and nothing else is guessed at.
#include "journal/notes.hpp"

#include "tests/support/catch.hpp"

using namespace dubber;

TEST_CASE("an order is read as it was written") {
  service_order order{"asr", order_verb::close, "ann", "it \"works\"\n",
                      time_point{ms{5}}};
  auto kept = note_of(order);
  CHECK(kept.area == "order");
  CHECK(kept.name == "asr");
  auto read = order_of(kept);
  REQUIRE(read);
  CHECK(*read == order);
}

TEST_CASE("kept orders of format 3") {
  struct {
    const char* value;
    order_verb what;
  } samples[] = {
    {R"({"by":"local","reason":"","what":"open"})", order_verb::open},
    {R"({"by":"ops","reason":"back","what":"close"})", order_verb::close},
    {R"({"by":"ops","reason":"\u00e9","what":"auto"})", order_verb::automatic},
  };
  for (auto& x : samples) {
    auto read = order_of({"order", "tts", x.value, time_point{ms{7}}});
    REQUIRE(read);
    CHECK(read->what == x.what);
    CHECK(read->at == time_point{ms{7}});
  }
}

TEST_CASE("an order that cannot be understood says so") {
  for (auto value : {"", "{", "[]", R"({"by":"a","reason":""})",
                     R"({"by":"a","reason":"","what":"explode"})",
                     R"({"by":7,"reason":"","what":"open"})"}) {
    auto read = order_of({"order", "tts", value, {}});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == fault_code::disk);
    CHECK(read.error().message.find("tts") != std::string::npos);
  }
}
