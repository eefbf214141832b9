/// Records of format version 1 stay readable, and nothing else is guessed at.
#include "journal/codec.hpp"

#include "journal/codec_quick.hpp"
#include "tests/contract/kept_samples.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <vector>

using namespace dubber;

namespace {

std::string type_of(const std::string& name) {
  return name.substr(0, name.find('-'));
}

std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> out;
  for (auto& entry : std::filesystem::directory_iterator{folder}) {
    std::ostringstream text;
    text << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
    out[entry.path().stem().string()] = text.str();
  }
  return out;
}

/// What histories have most of.
std::vector<event_body> common_records() {
  artifact file{"artifacts/ab", "ab", 1'234};
  transcript heard{{{{0, 2.25}, "Gr\u00fc\u00dfe, \"Welt\""}, {{3, 1e22}, "b"}},
                   {}};
  fetched source{"1_a film.mp4", "hi", {}, R"({"id": 7, "x": "\\ \"\n"})"};
  return {
    ev::job_accepted{7, "dub", -3, "http", "00-ab-cd-01"},
    ev::stage_started{"asr", 12},
    ev::item_completed{"translate", 3, 1, translated{"\u0928\u092e\t"}},
    ev::item_completed{"tts", 0, 2, spoken{file, 1.5, 1}},
    ev::item_completed{"asr", 1, 1, heard},
    ev::item_completed{"x", 1, 1, answered{"{\"a\":[1]}", "t", {}, {}}},
    ev::stage_completed{"x", 1, answered{"{}", {}, {}, {}}},
    ev::stage_completed{"asr", 1, heard},
    ev::stage_completed{"fetch", 1, source},
    ev::stage_completed{"tts", 1, reported{}},
  };
}

const work_result* result_of(const event_body& body) {
  if (auto x = std::get_if<ev::item_completed>(&body))
    return &x->result;
  if (auto x = std::get_if<ev::stage_completed>(&body))
    return &x->result;
  return nullptr;
}

} // namespace

TEST_CASE("codec: every kept record of version 1 is read as it was meant") {
  auto files = files_of(KEPT_SAMPLES "/v1");
  auto meant = test::kept_samples();
  REQUIRE(files.size() == meant.size());
  for (auto& [name, body] : meant) {
    CAPTURE(name);
    REQUIRE(files.count(name) == 1);
    auto read = decode(type_of(name), 1, files[name]);
    REQUIRE(read);
    CHECK(*read == body);
    CHECK(type_name(body) == type_of(name));
  }
}

TEST_CASE("codec: what is written is read again") {
  for (auto& [name, body] : test::kept_samples()) {
    CAPTURE(name);
    auto read = decode(type_of(name), payload_version, encode(body));
    REQUIRE(read);
    CHECK(*read == body);
  }
}

TEST_CASE("codec: what is written straight is written as a tree is") {
  std::vector<event_body> all;
  for (auto& [name, body] : test::kept_samples())
    all.push_back(body);
  for (const std::string text :
       {"", "plain", "a \"quoted\\ one\"", "line\nbreak\x01\x7f",
        "\xE0\xA4\xB5", "bad \xFF\xC3"}) {
    all.push_back(ev::stage_started{text, 7});
    all.push_back(ev::item_completed{text, 3, 2, translated{text}});
    all.push_back(ev::stage_completed{text, 1, answered{text, text, {}, {}}});
  }
  for (auto& body : all) {
    auto text = encode(body);
    CHECK(nlohmann::json::parse(text).dump() == text);
  }
}

TEST_CASE("codec: quickly or not, a record is read as the same") {
  std::mt19937 dice{1};
  auto draw = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>{0, below - 1}(dice);
  };
  const std::string odd
    = "\"\\{}[],:.-+eE0179truefalsn\x01\x7f\xE0\xA4\xB5\xFF ";
  std::size_t quick = 0;
  std::size_t refused = 0;
  for (auto& body : common_records()) {
    auto whole = encode(body);
    auto type = type_name(body);
    CAPTURE(whole);
    for (int i = 0; i < 3'000; ++i) {
      auto text = whole;
      for (auto n = draw(4); n > 0 && !text.empty(); --n) { // 0: as it is
        auto at = draw(text.size());
        switch (draw(3)) {
        case 0:
          text[at] = odd[draw(odd.size())];
          break;
        case 1:
          text.erase(at, 1 + draw(3));
          break;
        default:
          text.insert(at, 1, odd[draw(odd.size())]);
        }
      }
      auto fast = decode_quickly(type, text);
      refused += !fast;
      if (!fast)
        continue; // `decode_any` tells
      ++quick;
      CAPTURE(text);
      auto slow = decode_any(type, text);
      REQUIRE(slow);
      REQUIRE(*slow == *fast);
    }
    CHECK(decode_quickly(type, whole).has_value());
  }
  CHECK(quick > 5'000);
  CHECK(refused > 10'000);
}

TEST_CASE("codec: each kind of event and of result has a kept record") {
  std::set<std::size_t> events;
  std::set<std::size_t> results;
  for (auto& [name, body] : test::kept_samples()) {
    events.insert(body.index());
    if (auto result = result_of(body))
      results.insert(result->index());
  }
  CHECK(events.size() == std::variant_size_v<event_body>);
  CHECK(results.size() == std::variant_size_v<work_result>);
}

TEST_CASE("codec: every fault code is read again") {
  for (auto code = 0; code <= static_cast<int>(fault_code::internal); ++code) {
    fault why{static_cast<fault_code>(code), "text", 0, std::nullopt};
    ev::stage_failed body{"asr", 0, why};
    auto read = decode("stage.failed", payload_version, encode(body));
    REQUIRE(read);
    CHECK(*read == event_body{body});
  }
}

TEST_CASE("codec: invalid UTF-8 is replaced, not refused") {
  ev::job_rejected body{"bad \xFF\xC3 bytes"};
  auto read = decode("job.rejected", payload_version, encode(body));
  REQUIRE(read);
  CHECK(std::get<ev::job_rejected>(*read).reason == "bad \uFFFD\uFFFD bytes");
}

TEST_CASE("codec: a record that cannot be understood stops the reader") {
  struct sample {
    const char* type;
    int version;
    const char* payload;
    const char* says;
  };
  for (auto& x : std::vector<sample>{
         {"job.vanished", 1, "{}", "is not known"},
         {"job.rejected", 2, "{\"reason\":\"x\"}", "version 2"},
         {"job.rejected", 0, "{\"reason\":\"x\"}", "version 0"},
         {"job.rejected", 1, "{\"reason\":", "is damaged"},
         {"job.rejected", 1, "{}", "is damaged"},
         {"job.rejected", 1, "{\"reason\":7}", "is damaged"},
         {"job.rejected", 1, "", "is damaged"},
         {"segment.spoken", 1,
          "{\"stage\":\"tts\",\"item\":0,\"attempt\":1,\"result\":{\"kind\":"
          "\"sung\"}}",
          "unknown kind of result: sung"},
         {"stage.failed", 1,
          "{\"stage\":\"asr\",\"item\":0,\"why\":{\"code\":\"tired\","
          "\"message\":\"\",\"http_status\":0}}",
          "unknown fault code: tired"}}) {
    CAPTURE(x.type, x.payload);
    auto read = decode(x.type, x.version, x.payload);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == fault_code::disk);
    CHECK(read.error().message.find(x.type) != std::string::npos);
    CHECK(read.error().message.find(x.says) != std::string::npos);
  }
}
