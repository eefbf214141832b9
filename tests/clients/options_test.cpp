/// What the gateway's optionsJson may say, and what is said of the rest.
#include "clients/answers.hpp"
#include "clients/call_key.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;
using names = std::vector<std::string>;

namespace {

job_options read(const std::string& text) {
  INFO(text);
  auto out = parse_options(text, "hi");
  REQUIRE(out);
  return *out;
}

std::string wrong(const std::string& text) {
  INFO(text);
  auto out = parse_options(text, "hi");
  REQUIRE_FALSE(out);
  CHECK(out.error().code == fault_code::invalid_input);
  return out.error().message;
}

} // namespace

TEST_CASE("options: what is not said is as it is usually") {
  CHECK(read("") == job_options{});
  CHECK(read("{}") == job_options{});
  auto options = read(R"({"source_language": "de", "keep_original": true,
    "subtitles": false, "pipeline": "music", "priority": 5000, "colour": 1})");
  CHECK(options.source_language == "de");
  CHECK(options.keep_original);
  CHECK_FALSE(options.subtitles);
  CHECK(options.pipeline == "music");
  CHECK(options.priority == 1000);
  CHECK(options.unknown_keys == names{"colour"});
}

TEST_CASE("options: several languages, the gateway's first") {
  CHECK(read(R"({"target_languages": ["de", "hi"]})").target_languages
        == names{"hi", "de"});
  // One is no list: the job is as it was ever.
  for (auto one :
       {R"({"target_languages": []})", R"({"target_languages": ["hi", "HI"]})"})
    CHECK(read(one) == job_options{});
  for (auto bad :
       {R"({"target_languages": "de"})", R"({"target_languages": null})",
        R"({"target_languages": ["de", 7]})",
        R"({"target_languages": {"de": true}})"})
    CHECK(wrong(bad) == "optionsJson: 'target_languages' has the wrong type");
  CHECK(wrong(R"({"target_languages": ["../x"]})")
        == "optionsJson: target_languages holds \"../x\", which is no language "
           "tag");
}

TEST_CASE("options: a voice for all, or one for each language") {
  CHECK(read(R"({"voice": "f3"})").voice == "f3");
  auto each = read(R"({"voice": {"de": "bruno", "fr": ""}})");
  CHECK(each.voice.empty());
  CHECK(each.voices
        == std::map<std::string, std::string>{{"de", "bruno"}, {"fr", ""}});
  for (auto bad :
       {R"({"voice": 7})", R"({"voice": ["a"]})", R"({"voice": {"de": 7}})"})
    CHECK(wrong(bad) == "optionsJson: 'voice' has the wrong type");
  CHECK(wrong(R"({"voice": "a b"})").find("voice") != std::string::npos);
  CHECK(wrong(R"({"voice": {"de": "a b"}})").find("voice")
        != std::string::npos);
  CHECK(wrong(R"({"voice": {"d e": "a"}})").find("language")
        != std::string::npos);
}

TEST_CASE("call key: the merges of two languages are two calls") {
  work_order order;
  order.kind = work_kind::merge;
  order.job_no = 1;
  order.input = merge_input{};
  auto first = call_key(order, "media");
  order.language = "de";
  CHECK(call_key(order, "media") != first);
}
