#include "clients/plan_json.hpp"

#include "core/timeline.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <functional>

using namespace dubber;

namespace {

merge_plan some_plan() {
  merge_input in;
  in.source_object_key = "17_a \"film\" é.mp4";
  in.source_language = "en";
  in.target_language = "es";
  in.seconds = 10;
  in.options.edit().keep_original = true;
  for (int i = 0; i < 4; ++i) {
    merge_piece p;
    p.span = {i * 2.1, i * 2.1 + 1};
    p.speech = {{"k" + std::to_string(i), "ab", 100}, 1.3 + i * 0.7, 1};
    in.pieces.push_back(p);
  }
  auto plan = plan_timeline(in).plan;
  plan.subtitles = artifact{"artifacts/srt", "cd", 7};
  return plan;
}

} // namespace

TEST_CASE("a plan reads back as written") {
  auto plan = some_plan();
  REQUIRE(plan.placements.size() == 4);
  auto back = read_plan(write_plan(plan));
  REQUIRE(back);
  CHECK(*back == plan);
  auto empty = read_plan(write_plan({}));
  REQUIRE(empty);
  CHECK(*empty == merge_plan{});
}

TEST_CASE("a plan has the oldest format that can say it") {
  auto plan = some_plan();
  CHECK(nlohmann::json::parse(write_plan(plan)).at("format") == 1);
  merge_input in;
  in.seconds = 20;
  for (auto how : {stand_in::original, stand_in::silence}) {
    merge_piece p;
    p.span = {how == stand_in::original ? 1.0 : 5.0, 9};
    p.degraded = degradation{"tts", how, {}};
    in.pieces.push_back(p);
  }
  plan = plan_timeline(in).plan;
  REQUIRE(plan.format == 2);
  REQUIRE(plan.kept == std::vector<media_span>{{1, 7}});
  auto back = read_plan(write_plan(plan));
  REQUIRE(back);
  CHECK(*back == plan);
  for (auto spoil : std::vector<std::function<void(nlohmann::json&)>>{
         [](auto& j) {
           j["kept"] = {{3, 2}};
         },
         [](auto& j) {
           j["muted"] = {{1, 3}, {2, 4}};
         },
         [](auto& j) {
           j["muted"] = {{-0.5, 4}};
         },
         [](auto& j) {
           j["kept"] = {{1, 21}};
         },
         [](auto& j) {
           j["edge_seconds"] = 2;
         }}) {
    auto j = nlohmann::json::parse(write_plan(plan));
    spoil(j);
    CHECK(!read_plan(j.dump()));
  }
}

TEST_CASE("an unusable plan is refused by name") {
  using nlohmann::json;
  const std::vector<std::function<void(json&)>> spoil{
    [](json& j) { j["format"] = 3; },
    [](json& j) { j["format"] = 2; }, // without what belongs to it
    [](json& j) { j["format"] = "1"; },
    [](json& j) { j.erase("format"); },
    [](json& j) { j.erase("placements"); },
    [](json& j) { j["seconds"] = "ten"; },
    [](json& j) { j["seconds"] = -1; },
    [](json& j) { j["seconds"] = 5; },
    [](json& j) { j["placements"][1]["at"] = 0; },
    [](json& j) { j["placements"][1]["tempo"] = 0; },
    [](json& j) { j["placements"][0]["audio"]["key"] = ""; },
    [](json& j) { j["placements"][0]["natural_seconds"] = 0; },
    [](json& j) { j["placements"][0]["tempo"] = 3; },
    [](json& j) { j["seconds"] = 12 * 3600 + 1; },
    [](json& j) { j["loudness_lkfs"] = 3; },
    [](json& j) { j["true_peak_db"] = nullptr; },
    [](json& j) { j["subtitles"] = true; },
    [](json& j) { j["original"]["gain_db"] = 60; },
    [](json& j) { j["original"]["ramp_seconds"] = -1; },
    [](json& j) {
      j["original"]["ducks"] = {{2, 3}, {1, 4}};
    },
    [](json& j) { j = json::array(); },
  };
  for (std::size_t i = 0; i < spoil.size(); ++i) {
    INFO("case " << i);
    auto j = json::parse(write_plan(some_plan()));
    spoil[i](j);
    auto read = read_plan(j.dump());
    REQUIRE(!read);
    CHECK(read.error().code == fault_code::invalid_input);
  }
  CHECK(!read_plan("{"));
  CHECK(!read_plan(""));
}
