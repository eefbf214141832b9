/// What a pipeline must be, and what is said of one that is not.
#include "core/pipeline_check.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pipelines.hpp"

#include <algorithm>

using namespace dubber;
using test::call_stage;

namespace {

std::vector<std::string> wrong_with(pipeline plan) {
  auto out = put_in_order(plan);
  return out.empty() ? mistakes_in(plan, test::some_services()) : out;
}

bool says(const std::vector<std::string>& all, const std::string& text) {
  return std::any_of(all.begin(), all.end(), [&](auto& x) {
    return x.find(text) != std::string::npos;
  });
}

stage_spec& named(pipeline& plan, const char* name) {
  return plan.stages[static_cast<std::size_t>(plan.find(name))];
}

} // namespace

TEST_CASE("pipelines: the shipped one, and those of the tests, are sound") {
  CHECK(wrong_with(*dubbing_pipeline()).empty());
  CHECK(wrong_with(*test::music_pipeline()).empty());
  CHECK(wrong_with(*test::polish_pipeline()).empty());
  CHECK(wrong_with(*test::two_waves_pipeline()).empty());
}

TEST_CASE("pipelines: the shipped one is as it ever was") {
  auto& all = dubbing_pipeline()->stages;
  std::vector<std::string> names;
  for (auto& spec : all)
    names.push_back(spec.name);
  CHECK(names
        == std::vector<std::string>{"fetch", "extract", "asr", "translate",
                                    "tts", "merge", "upload", "report"});
  for (std::size_t i = 1; i < all.size(); ++i)
    CHECK(all[i].after == std::vector<std::string>{all[i - 1].name});
  CHECK(all[2].each == fan_out::chunks);
  CHECK(all[3].each == fan_out::segments);
  CHECK(all[4].each == fan_out::segments);
  CHECK(all[4].service == "tts");
  CHECK(all[6].policy == "store");
  CHECK(dubbing_pipeline()->id.empty());
}

TEST_CASE("pipelines: stages come in an order that respects what they name") {
  auto plan = *dubbing_pipeline();
  std::reverse(plan.stages.begin(), plan.stages.end());
  CHECK(put_in_order(plan).empty());
  CHECK(plan.stages.front().name == "fetch");
  CHECK(plan.stages.back().name == "report");
  named(plan, "extract").after.emplace_back("merge");
  auto wrong = put_in_order(plan);
  CHECK(says(wrong, "stages.extract.after: it waits for itself"));
  CHECK_FALSE(says(wrong, "stages.fetch"));
  named(plan, "extract").after = {"nowhere"};
  CHECK(says(put_in_order(plan),
             "stages.extract.after names nowhere, and there is no such stage"));
}

TEST_CASE("pipelines: ends and needs are named, all at once") {
  auto plan = *dubbing_pipeline();
  std::erase_if(plan.stages, [](auto& x) { return x.name == "translate"; });
  named(plan, "tts").after = {"asr"};
  named(plan, "upload").after = {"tts"};
  named(plan, "report").name = "end";
  auto wrong = wrong_with(plan);
  CHECK(says(wrong, "the one of kind report must be named report"));
  CHECK(says(wrong, "stages.tts must come after a stage of kind translate"));
  CHECK(says(wrong, "stages.upload must come after a stage of kind merge"));
  CHECK(says(wrong, "stages.end must come after merge: it is the end"));
  CHECK(wrong.size() == 4);
}

TEST_CASE("pipelines: there is one stage of each kind but http") {
  auto plan = *dubbing_pipeline();
  auto more = named(plan, "translate");
  more.name = "again";
  named(plan, "tts").after.push_back(more.name);
  plan.stages.push_back(more);
  CHECK(wrong_with(plan)
        == std::vector<std::string>{
          "stages: there may be one of kind translate only"});
}

TEST_CASE("pipelines: services and policies must be there") {
  auto plan = *test::music_pipeline();
  named(plan, "separate").service = "nobody";
  named(plan, "merge").policy = "none";
  auto wrong = wrong_with(plan);
  CHECK(says(wrong, "separate.service names nobody, which is not defined"));
  CHECK(says(wrong, "merge.policy names none, which is not defined"));
  CHECK(wrong.size() == 2);
  named(plan, "merge").policy = "media";
  named(plan, "separate").service = "patient"; // a policy alone
  CHECK(says(wrong_with(plan), "names patient, which is not defined"));
  named(plan, "separate").service = "media";
  CHECK(says(wrong_with(plan), "media is not called over HTTP"));
}

TEST_CASE("pipelines: what stages take from others must fit") {
  auto plan = *test::polish_pipeline();
  named(plan, "merge").background = "polish";
  CHECK(says(wrong_with(plan), "merge.background: stage polish must not go by "
                               "segments, and be answered with a file"));
  named(plan, "merge").background = "asr";
  CHECK(says(wrong_with(plan), "names asr, which is no stage of kind http"));
  plan = *test::polish_pipeline();
  named(plan, "translate").text_of = "polish";
  CHECK(says(wrong_with(plan), "translate.text_of names polish, which is no "
                               "stage of kind http that comes before"));
  plan = *test::music_pipeline();
  named(plan, "tts").text_of = "separate";
  named(plan, "tts").after.emplace_back("separate");
  CHECK(
    says(wrong_with(plan), "tts.text_of: stage separate must go by segments"));
}

TEST_CASE("pipelines: each pointer is looked at") {
  auto with = [](const char* pointer, fan_out each = fan_out::none) {
    auto plan = *test::music_pipeline();
    http_call call;
    call.path.pieces = {"/x"};
    call.body = text_template{{"", ""}, {pointer}};
    auto last = call_stage("more", {"tts", "separate"}, call, each);
    named(plan, "merge").after.emplace_back("more");
    plan.stages.insert(plan.stages.begin() + plan.find("merge"), last);
    return wrong_with(plan);
  };
  for (auto fine :
       {"/job/id", "/job/options/colour", "/job", "/stages/asr/segments/0/text",
        "/stages/separate/file", "/stages/tts/3/audio", "/stages/tts"}) {
    INFO(fine);
    CHECK(with(fine).empty());
  }
  CHECK(with("/segment/text", fan_out::segments).empty());
  CHECK(with("/stages/translate/text", fan_out::segments).empty());
  CHECK(says(with("job/id"), "it is no JSON Pointer"));
  CHECK(says(with("/jobs"), "it must begin with /job, /segment or /stages"));
  CHECK(says(with("/job/name"), "the job has no name, but id"));
  CHECK(says(with("/segment/text"), "in stages by segments only"));
  CHECK(says(with("/segment/words", fan_out::segments),
             "a segment has no words, but start, end, text"));
  CHECK(says(with("/stages"), "a stage must be named"));
  CHECK(says(with("/stages/upload"), "upload does not come before this one"));
  CHECK(says(with("/stages/fetch"), "stage fetch has no result"));
  CHECK(says(with("/stages/separate/answer"),
             "stage separate has no answer, but file"));
  CHECK(says(with("/stages/translate/0/words"),
             "stage translate has no words, but text"));
}

TEST_CASE("pipelines: what is uploaded is one stored file") {
  auto with = [](const char* pointer) {
    auto plan = *test::music_pipeline();
    auto call = *named(plan, "separate").http;
    call.upload->pointer = pointer;
    named(plan, "separate").http = std::make_shared<http_call>(call);
    return wrong_with(plan);
  };
  CHECK(with("/job/source_object_key").empty());
  CHECK(with("/stages/extract/audio").empty());
  CHECK(
    says(with("/stages/extract/seconds"), "it must point at one stored file"));
  CHECK(says(with("/job/id"), "it must point at one stored file"));
}

TEST_CASE("pipelines: waves are parted by what waits for all segments") {
  auto& plan = *test::two_waves_pipeline();
  auto wave = [&](const char* name) {
    return plan.stages[static_cast<std::size_t>(plan.find(name))].wave;
  };
  CHECK(wave("translate") == 0);
  CHECK(wave("polish") == 1);
  CHECK(wave("tts") == 1);
  for (auto& spec : test::polish_pipeline()->stages)
    CHECK(spec.wave
          == 0
               + (spec.name == "merge" || spec.name == "upload"
                  || spec.name == "report"));
}

TEST_CASE("pipelines: pointers are told apart as RFC 6901 says") {
  using parts = std::vector<std::string>;
  CHECK(pointer_parts("") == parts{});
  CHECK(pointer_parts("/") == parts{""});
  CHECK(pointer_parts("/a~1b/m~0n/0") == parts{"a/b", "m~n", "0"});
  CHECK_FALSE(pointer_parts("a"));
  CHECK_FALSE(pointer_parts("/a~"));
  CHECK_FALSE(pointer_parts("/a~2"));
}
