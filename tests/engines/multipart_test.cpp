#include "engines/multipart.hpp"

#include "tests/support/catch.hpp"

#include <vector>

using namespace dubber;

namespace {

struct part {
  part_head head;
  std::string content;
};

struct outcome {
  bool good = true;
  bool complete = false;
  std::vector<part> parts;
};

outcome parse(std::string_view body, size_t piece,
              const std::string& boundary = "edge") {
  outcome out;
  multipart_parser parser{boundary,
                          [&](const part_head& head) {
                            out.parts.push_back({head, {}});
                            return true;
                          },
                          [&](std::string_view data) {
                            out.parts.back().content += data;
                            return true;
                          }};
  for (; out.good && !body.empty();
       body.remove_prefix(std::min(piece, body.size())))
    out.good = parser.feed(body.substr(0, piece));
  out.complete = parser.complete();
  return out;
}

constexpr std::string_view form
  = "preamble\r\n--edge\r\n"
    "content-disposition: FORM-DATA; name=\"file\"; filename=\"a b.mp4\"\r\n"
    "Content-Type: video/mp4\r\n\r\n"
    "one\r\n--edg\r\n--edg\r\r\n\r\n--edge \r\n"
    "Content-Disposition: form-data; name=lang\r\n\r\nes\r\n--edge\r\n"
    "\r\nnameless\r\n--edge--\r\nepilogue --edge";

} // namespace

TEST_CASE("form: the same in pieces of any size") {
  for (size_t piece = 1; piece <= form.size(); ++piece) {
    auto got = parse(form, piece);
    REQUIRE(got.good);
    REQUIRE(got.complete);
    REQUIRE(got.parts.size() == 3);
    CHECK(got.parts[0].head.name == "file");
    CHECK(got.parts[0].head.file_name == "a b.mp4");
    CHECK(got.parts[0].content == "one\r\n--edg\r\n--edg\r\r\n");
    CHECK(got.parts[1].head.name == "lang");
    CHECK(got.parts[1].content == "es");
    CHECK(got.parts[2].head.name.empty());
    CHECK(got.parts[2].content == "nameless");
  }
}

TEST_CASE("form: what is cut off or malformed is not complete") {
  for (size_t length = 0; length < form.find("--edge--") + 8; ++length)
    CHECK_FALSE(parse(form.substr(0, length), 7).complete);
  CHECK_FALSE(parse("no form at all", 100).complete);
  CHECK_FALSE(parse("--edge rubbish\r\n\r\n", 100).good);
  auto head = "--edge\r\nA: " + std::string(20'000, 'a');
  CHECK_FALSE(parse(head, 4096).good);
  CHECK_FALSE(parse(head + "\r\n\r\n", head.size() + 4).good);
  CHECK_FALSE(parse("--edge" + std::string(20'000, ' '), 4096).good);
}

TEST_CASE("form: names in every way that clients write them") {
  auto name = [](const std::string& rest) {
    return parse_part_head("Content-Disposition: form-data; " + rest).file_name;
  };
  CHECK(name(R"(name="file"; filename="Пример видео.mkv")")
        == "Пример видео.mkv");
  CHECK(name(R"(filename="say \"hi\"; ok.mp4"; name="file")")
        == R"(say "hi"; ok.mp4)");
  CHECK(name(R"(filename="C:\clips\a.mp4")") == R"(C:\clips\a.mp4)");
  CHECK(name("filename=plain.mp4 ; name=file") == "plain.mp4");
  CHECK(name("filename=x.mp4; filename*=UTF-8''na%C3%AFve%20film.mp4")
        == "naïve film.mp4");
  CHECK(name("filename=x.mp4; filename*=latin1''%E9.mp4") == "x.mp4");
  CHECK(name("filename=\"unclosed") == "unclosed");
  CHECK(name("filename").empty());
  CHECK(parse_part_head(";;;=;\r\n::\r\n\"").name.empty());
}

TEST_CASE("form: the boundary of a content type") {
  CHECK(multipart_boundary("multipart/form-data; boundary=edge") == "edge");
  CHECK(multipart_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\"")
        == "a b");
  CHECK(multipart_boundary("multipart/form-data").empty());
  CHECK(multipart_boundary("application/json; boundary=edge").empty());
  CHECK(
    multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x'))
      .empty());
}
