#include "core/transcript.hpp"

#include "tests/support/catch.hpp"

#include <limits>
#include <random>

using namespace dubber;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double endless = std::numeric_limits<double>::infinity();

transcript of(std::vector<heard_segment> segments) {
  return {std::move(segments), {}};
}

} // namespace

TEST_CASE("invalid UTF-8 is replaced, valid text is kept") {
  CHECK(to_valid_utf8("añ€😀") == "añ€😀");
  CHECK(to_valid_utf8("a\xff") == "a\xEF\xBF\xBD");
  CHECK(to_valid_utf8("\xC0\x80").find('\0') == std::string::npos);
  CHECK(to_valid_utf8("\xED\xA0\x80").find("\xEF\xBF\xBD") == 0); // surrogate
  CHECK(to_valid_utf8("a\tb\n") == "a b ");
  std::mt19937 random{1};
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 20, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    auto once = to_valid_utf8(bytes);
    REQUIRE(to_valid_utf8(once) == once);
  }
}

TEST_CASE("chunks are joined in order") {
  auto t = clean_transcript(
    {of({{{0, 1}, "a"}, {{1, 2}, "b"}}), of({{{10, 11}, " c "}})}, 20);
  REQUIRE(t);
  REQUIRE(t->segments.size() == 3);
  CHECK(t->segments[2].text == "c");
  CHECK(t->notes.empty());
}

TEST_CASE("what is wrong is mended and noted") {
  auto t = clean_transcript({of({{{5, 6}, "late"},
                                 {{0, 3}, "first"},
                                 {{2, 4}, "overlaps"},
                                 {{no_number, 1}, "x"},
                                 {{1, endless}, "x"},
                                 {{2, 2}, "x"},
                                 {{7, 8}, " \n "},
                                 {{8, 99}, "beyond"}})},
                            10);
  REQUIRE(t);
  REQUIRE(t->segments.size() == 4);
  CHECK(t->segments[0].span == media_span{0, 2});
  CHECK(t->segments[1].span == media_span{2, 4});
  CHECK(t->segments[3].span == media_span{8, 10});
  CHECK(t->notes.size() == 4);
}

TEST_CASE("segments that start together share their time") {
  auto t = clean_transcript({of({{{0, 8}, "a"},
                                 {{0, 8}, "b"},
                                 {{0, 8}, "c"},
                                 {{0, 8}, "d"},
                                 {{1, 2}, "e"}})},
                            10);
  REQUIRE(t);
  REQUIRE(t->segments.size() == 5);
  CHECK(t->segments[1].span == media_span{0.25, 0.5});
  CHECK(t->segments[4].span == media_span{1, 2});
}

TEST_CASE("nothing heard, too much heard") {
  CHECK(clean_transcript({of({}), of({})}, 10).error().code
        == fault_code::no_speech);
  std::vector<heard_segment> many;
  for (std::size_t i = 0; i <= max_segments; ++i)
    many.push_back({{i * 1.0, i + 0.5}, "a"});
  CHECK(clean_transcript({of(std::move(many))}, 0).error().code
        == fault_code::limit_exceeded);
}

TEST_CASE("any answer becomes sorted segments without overlap") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random{seed};
    std::uniform_real_distribution<double> at{-10, 110};
    std::vector<heard_segment> heard{{{1, 2}, "a"}};
    for (int i = 0; i < 100; ++i)
      heard.push_back({{at(random), at(random)}, "a"});
    auto t = clean_transcript({of(std::move(heard))}, 100);
    REQUIRE(t);
    double before = 0;
    for (auto& s : t->segments) {
      REQUIRE(s.span.start >= before);
      REQUIRE(s.span.end > s.span.start);
      REQUIRE(s.span.end <= 100);
      before = s.span.end;
    }
  }
}
