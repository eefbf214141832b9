/// The languages of one job, and the pipeline that is made of them.
#include "core/languages.hpp"

#include "core/lanes.hpp"
#include "core/pipeline_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pipelines.hpp"

using namespace dubber;
using names = std::vector<std::string>;

namespace {

names stage_names(const pipeline& plan) {
  names out;
  for (auto& spec : plan.stages)
    out.push_back(spec.name);
  return out;
}

const stage_spec& spec_of(const pipeline& plan, const std::string& stage) {
  auto i = plan.find(stage);
  REQUIRE(i >= 0);
  return plan.stages[static_cast<std::size_t>(i)];
}

} // namespace

TEST_CASE("languages: the gateway's is the first, named or not, none twice") {
  auto read = [](const names& listed) {
    auto out = read_languages("hi", listed);
    REQUIRE(out);
    return *out;
  };
  CHECK(read({}) == names{"hi"});
  CHECK(read({"hi"}) == names{"hi"});
  CHECK(read({"de", "fr"}) == names{"hi", "de", "fr"});
  CHECK(read({"de", "hi", "fr"}) == names{"hi", "de", "fr"});
  CHECK(read({"de", "DE", "HI", "pt-BR", "pt-br"})
        == names{"hi", "de", "pt-BR"});
}

TEST_CASE("languages: what is no tag, and too many, are refused by name") {
  for (auto bad : {"", "-x", "a b", "../de", "de:tts", "d\xc3\xa9", "a/b"}) {
    INFO(bad);
    auto out = read_languages("hi", {"de", bad});
    REQUIRE_FALSE(out);
    CHECK(out.error().code == fault_code::invalid_input);
    CHECK(out.error().message.find("target_languages") != std::string::npos);
  }
  names many;
  for (std::size_t i = 1; i < max_languages; ++i)
    many.push_back("x" + std::to_string(i));
  CHECK(read_languages("hi", many)->size() == max_languages);
  many.push_back("x1"); // the same again is none more
  CHECK(read_languages("hi", many));
  many.push_back("one-more");
  auto out = read_languages("hi", many);
  REQUIRE_FALSE(out);
  CHECK(out.error().message.find("20") != std::string::npos);
}

TEST_CASE("languages: a voice for all, or one for each") {
  job_options options;
  options.voice = "anna";
  CHECK(voice_for(options, "de") == "anna");
  options.voices = {{"de", "bruno"}, {"FR", "claire"}};
  CHECK(voice_for(options, "de") == "bruno");
  CHECK(voice_for(options, "fr") == "claire");
  CHECK(voice_for(options, "hi") == "anna");
}

TEST_CASE("lanes: what depends on the language is there once for each") {
  auto plan = with_lanes(dubbing_pipeline(), {"de", "fr"});
  CHECK(stage_names(*plan)
        == names{"fetch", "extract", "asr", "translate", "tts", "merge",
                 "upload", "translate:de", "tts:de", "merge:de", "upload:de",
                 "translate:fr", "tts:fr", "merge:fr", "upload:fr", "report"});
  CHECK(spec_of(*plan, "report").after
        == names{"upload", "upload:de", "upload:fr"});
  CHECK(spec_of(*plan, "translate:de").after == names{"asr"});
  CHECK(spec_of(*plan, "merge:fr").after == names{"tts:fr"});
  CHECK(spec_of(*plan, "asr").shared);
  CHECK(spec_of(*plan, "report").shared);
  CHECK_FALSE(spec_of(*plan, "tts").shared);
  CHECK(spec_of(*plan, "tts").lane == 0);
  CHECK(spec_of(*plan, "tts:fr").lane == 2);
  CHECK(spec_of(*plan, "tts:fr").policy == "tts");
  CHECK(mistakes_in(*with_lanes(plan, {}), test::some_services()).empty());
  CHECK(chosen_plan{with_lanes(plan, {})} == chosen_plan{dubbing_pipeline()});
  CHECK(chosen_plan{with_lanes(plan, {"de", "fr"})} == chosen_plan{plan});
  CHECK_FALSE(chosen_plan{with_lanes(plan, {"de"})} == chosen_plan{plan});
}

TEST_CASE("lanes: of pipelines of one's own") {
  auto music = with_lanes(test::music_pipeline(), {"de"});
  CHECK(music->find("separate:de") < 0); // the sound is the same
  CHECK(spec_of(*music, "merge:de").background == "separate");
  CHECK(spec_of(*music, "merge:de").after == names{"tts:de", "separate"});
  auto polish = with_lanes(test::polish_pipeline(), {"de"});
  CHECK(spec_of(*polish, "polish:de").after == names{"translate:de"});
  CHECK(spec_of(*polish, "tts:de").text_of == "polish:de");
  auto waves = with_lanes(test::two_waves_pipeline(), {"de"});
  CHECK(spec_of(*waves, "tts:de").wave == 1);
  CHECK(spec_of(*waves, "translate:de").wave == 0);
}

TEST_CASE("lanes: a call that looks at the target language is made for each") {
  for (auto pointer : {"/job/target_language", "/job/voice", "/job/id"}) {
    INFO(pointer);
    http_call call;
    call.path.pieces = {"/words"};
    call.body = text_template{{"", ""}, {pointer}};
    auto plan = with_lanes(
      test::with_stages("own", {test::call_stage("own", {"extract"}, call)},
                        {"own"}),
      {"de"});
    CHECK((plan->find("own:de") >= 0) == (std::string{pointer} != "/job/id"));
  }
}

TEST_CASE("lanes: names and places") {
  CHECK(defined_name("tts:de") == "tts");
  CHECK(defined_name("tts") == "tts");
  auto plan = with_lanes(dubbing_pipeline(), {"de"});
  CHECK(lane_of(*plan, "hi", "") == 0);
  CHECK(lane_of(*plan, "hi", "HI") == 0);
  CHECK(lane_of(*plan, "hi", "de") == 1);
  CHECK(lane_of(*plan, "hi", "fr") == -1);
  CHECK(stage_in(*plan, 1, work_kind::speak) == plan->find("tts:de"));
  CHECK(stage_in(*plan, 0, "merge") == plan->find("merge"));
  CHECK(stage_in(*plan, 1, "asr") == plan->find("asr"));
  CHECK(stage_in(*plan, 1, "none") == -1);
}
