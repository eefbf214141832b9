#include "core/subtitles.hpp"

#include "tests/support/catch.hpp"

#include <cstdio>
#include <limits>
#include <random>
#include <sstream>

using namespace dubber;

namespace {

merge_piece piece(double start, double end, std::string text) {
  merge_piece p;
  p.span = {start, end};
  p.translation = std::move(text);
  return p;
}

/// Reads SubRip back as strictly as it is written.
std::vector<subtitle_cue> parse_srt(const std::string& text) {
  std::vector<subtitle_cue> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    REQUIRE(line == std::to_string(out.size() + 1));
    REQUIRE(std::getline(in, line));
    int t[8];
    REQUIRE(std::sscanf(line.c_str(), "%d:%d:%d,%d --> %d:%d:%d,%d", &t[0],
                        &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7])
            == 8);
    subtitle_cue cue;
    cue.span.start = ((t[0] * 60 + t[1]) * 60 + t[2]) + t[3] / 1000.0;
    cue.span.end = ((t[4] * 60 + t[5]) * 60 + t[6]) + t[7] / 1000.0;
    while (std::getline(in, line) && !line.empty())
      cue.lines.push_back(line);
    REQUIRE(!cue.lines.empty());
    out.push_back(std::move(cue));
  }
  return out;
}

} // namespace

TEST_CASE("subtitle formats") {
  auto cues = make_cues({piece(3661.25, 3662.5, "Hola")}, 4000);
  CHECK(to_srt(cues) == "1\n01:01:01,250 --> 01:01:02,500\nHola\n\n");
  CHECK(to_vtt(cues) == "WEBVTT\n\n01:01:01.250 --> 01:01:02.500\nHola\n\n");
  CHECK(to_srt({}).empty());
  CHECK(to_vtt({}) == "WEBVTT\n\n");
}

TEST_CASE("hostile texts stay texts") {
  auto cues = make_cues(
    {piece(0, 5, "a\n\n2\n00:00:01,000 --> 00:00:02,000\n<b>&{\\an8}\x01\xff")},
    10);
  auto srt = to_srt(cues);
  CHECK(parse_srt(srt).size() == cues.size());
  CHECK(srt.find('<') == std::string::npos);
  CHECK(srt.find('{') == std::string::npos);
  auto vtt = to_vtt(cues);
  CHECK(vtt.find("&lt;b&gt;&amp;") != std::string::npos);
  CHECK(vtt.find("--> 00:00:02,000") == std::string::npos);
  CHECK(vtt.find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("lines are broken at spaces, at code points only in long words") {
  CHECK(break_lines("one two three", 7)
        == std::vector<std::string>{"one two", "three"});
  CHECK(break_lines("ééééé", 2) == std::vector<std::string>{"éé", "éé", "é"});
  CHECK(break_lines("  \t ").empty());
}

TEST_CASE("a long text becomes cues that share its time") {
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += "palabra ";
  auto cues = make_cues({piece(10, 20, text), piece(20, 21, "fin")}, 30);
  REQUIRE(cues.size() > 3);
  CHECK(cues.front().span.start == 10);
  CHECK(cues[cues.size() - 2].span.end == 20);
  for (auto& cue : cues)
    CHECK(cue.lines.size() <= cue_lines);
}

TEST_CASE("cues never overlap and read back as written") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random{seed};
    std::uniform_real_distribution<double> start{-2, 620}, length{0, 9};
    std::uniform_int_distribution<int> words{0, 40};
    std::vector<merge_piece> pieces;
    for (int i = 0; i < 150; ++i) {
      std::string text;
      for (auto n = words(random); n > 0; --n)
        text += "texto ";
      auto at = start(random);
      pieces.push_back(piece(at, at + length(random), text));
    }
    auto end = std::numeric_limits<double>::quiet_NaN();
    pieces.push_back(piece(1, end, "no end"));
    auto cues = make_cues(pieces, 600);
    double before = 0;
    for (auto& cue : cues) {
      REQUIRE(cue.span.start >= before);
      REQUIRE(cue.span.end > cue.span.start);
      before = cue.span.end;
    }
    REQUIRE(before <= 600);
    auto back = parse_srt(to_srt(cues));
    REQUIRE(back.size() == cues.size());
    for (std::size_t i = 0; i < cues.size(); ++i) {
      REQUIRE(back[i].lines == cues[i].lines);
      REQUIRE(back[i].span.start == Approx(cues[i].span.start).margin(1e-6));
      REQUIRE(back[i].span.end == Approx(cues[i].span.end).margin(1e-6));
    }
  }
}
