/// Definitions of pipelines, read from files: every mistake by its name.
#include "app/pipeline_file.hpp"

#include "app/config.hpp"
#include "core/pipeline_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace dubber;
using mistakes = std::vector<std::string>;

namespace {

std::string text_of(const std::string& path) {
  std::ostringstream out;
  std::ifstream in{path, std::ios::binary};
  REQUIRE(in);
  out << in.rdbuf();
  return out.str();
}

/// The shipped stages, with this one before the merge.
std::string with_stage(const std::string& stage) {
  return R"({"name": "own",
    "services": {"words": {"url": "http://words:1"}},
    "policies": {"patient": {"retry": {"max_attempts": 9}}},
    "stages": [
    {"name": "fetch", "kind": "fetch"},
    {"name": "extract", "kind": "extract", "after": ["fetch"]},
    {"name": "asr", "kind": "transcribe", "after": ["extract"]},
    {"name": "translate", "kind": "translate", "after": ["asr"]},
    {"name": "tts", "kind": "speak", "after": ["translate"]},)"
         + stage + R"(
    {"name": "merge", "kind": "merge", "after": ["tts", "more"]},
    {"name": "upload", "kind": "upload", "after": ["merge"]},
    {"name": "report", "kind": "report", "after": ["upload"]}]})";
}

std::string with_call(const std::string& rest) {
  return with_stage(R"({"name": "more", "kind": "http", "after": ["tts"],
    "service": "words", )"
                    + rest + "},");
}

const http_call& call_of(const pipeline_file& file) {
  REQUIRE(file.mistakes == mistakes{});
  return *file.plan.stages[static_cast<std::size_t>(file.plan.find("more"))]
            .http;
}

bool names(const mistakes& all, const std::string& text) {
  return std::any_of(all.begin(), all.end(), [&](auto& x) {
    return x.find(text) != std::string::npos;
  });
}

mistakes load_mistakes(const test::scratch& folder) {
  auto loaded = load_config({{"PIPELINES_DIR", folder.file("").string()}});
  REQUIRE(std::holds_alternative<mistakes>(loaded));
  return std::get<mistakes>(loaded);
}

} // namespace

TEST_CASE("definitions: the shipped file is the shipped pipeline") {
  auto file = read_pipeline(text_of(DUBBER_PIPELINES "/dub.json"));
  REQUIRE(file.mistakes == mistakes{});
  CHECK(mistakes_in(file.plan, default_policies()) == mistakes{});
  auto& shipped = *dubbing_pipeline();
  CHECK(file.plan.name == shipped.name);
  REQUIRE(file.plan.stages.size() == shipped.stages.size());
  for (std::size_t i = 0; i < shipped.stages.size(); ++i) {
    auto& a = file.plan.stages[i];
    auto& b = shipped.stages[i];
    CHECK(std::tie(a.name, a.kind, a.service, a.policy, a.after, a.each)
          == std::tie(b.name, b.kind, b.service, b.policy, b.after, b.each));
  }
}

TEST_CASE("definitions: the example of the docs is sound") {
  auto file = read_pipeline(text_of(DUBBER_PIPELINES "/music.json"));
  REQUIRE(file.mistakes == mistakes{});
  auto services = default_policies();
  services.insert(file.services.begin(), file.services.end());
  CHECK(mistakes_in(file.plan, services) == mistakes{});
  auto& separate = file.services.at("separate");
  CHECK(separate.urls == mistakes{"http://service-separate:8500"});
  CHECK(separate.max_concurrent == 1);
  CHECK(separate.attempt_timeout.per_media_second == ms{2'000});
  auto& call
    = *file.plan.stages[static_cast<std::size_t>(file.plan.find("separate"))]
         .http;
  CHECK(call.answer == answer_kind::file);
  CHECK(call.upload->pointer == "/stages/extract/audio");
  CHECK(call.refers_to == mistakes{"extract"});
}

TEST_CASE("definitions: a call as it is read") {
  auto file = read_pipeline(with_call(R"("for_each": "segments",
    "policy": "patient", "cache": false,
    "request": {"method": "PUT", "path": "/a/{/job/id}/b",
      "headers": {"X-Place": "{/segment/start} of {{it}"},
      "body": {"text": {"$from": "/segment/text"}, "more": [1, "a", null,
               {"$from": "/stages/tts/seconds"}]}},
    "answer": {"kind": "json", "text": "/x/0", "max_bytes": "64KB"})"));
  auto& call = call_of(file);
  CHECK(call.method == "PUT");
  CHECK(call.path.pieces == mistakes{"/a/", "/b"});
  CHECK(call.path.pointers == mistakes{"/job/id"});
  CHECK(call.headers.at(0).second.pieces == mistakes{"", " of {it}"});
  CHECK(call.body->pieces
        == mistakes{R"({"more":[1,"a",null,)", R"(],"text":)", "}"});
  CHECK(call.body->pointers
        == mistakes{"/stages/tts/seconds", "/segment/text"});
  CHECK(call.text == "/x/0");
  CHECK(call.max_bytes == 64'000);
  CHECK_FALSE(call.cache);
  CHECK(call.refers_to == mistakes{"tts"});
  auto& spec
    = file.plan.stages[static_cast<std::size_t>(file.plan.find("more"))];
  CHECK(spec.each == fan_out::segments);
  CHECK(spec.policy == "patient");
  CHECK(file.services.at("patient").policy_only);
  CHECK(file.services.at("patient").retry.max_attempts == 9);
  CHECK(call_of(read_pipeline(with_call(R"("request": {"path": "/x"},
                               "answer": {"kind": "none"})")))
          .cache
        == false);
}

TEST_CASE("definitions: spaces and the order of keys do not make another") {
  auto one = read_pipeline(with_call(R"("request": {"path": "/x"})"));
  auto two = read_pipeline(with_call(R"(   "request":{ "path":"/x" }  )"));
  auto three = read_pipeline(with_call(R"("request": {"path": "/y"})"));
  CHECK(one.plan.id.size() == 64);
  CHECK(one.plan.id == two.plan.id);
  CHECK(one.plan.id != three.plan.id);
  CHECK(read_pipeline(one.plan.definition).plan.id == one.plan.id);
}

TEST_CASE("definitions: every mistake in a call is named") {
  for (
    auto& [call, told] : std::vector<std::pair<std::string, std::string>>{
      {R"("cache": true)", "more.request must be an object"},
      {R"("request": {"path": "x"})", "request.path must begin with '/'"},
      {R"("request": {"path": "/a b"})", "request.path must begin"},
      {R"("request": {"path": "/a/{/job/id"})",
       "request.path has a '{/' without its '}'"},
      {R"("request": {"path": "/", "headers": {"a": "{{ {/job/id"}})",
       "request.headers.a has a '{/' without its '}'"},
      {R"("request": {"path": "/", "headers": {"a": "x\ny"}})",
       "request.headers.a must be plain text of one line"},
      {R"("request": {"path": "/", "body": [{"$from": "/job/id", "more": 1}]})",
       "request.body must have $from alone"},
      {R"("request": {"path": "/", "body": {"a": {"$from": 7}}})",
       "request.body must have $from alone"},
      {R"("request": {"path": "/", "method": "TRACE"})",
       "request.method must be GET, POST"},
      {R"("request": {"path": "/", "way": 1})", "request.way is not a known"},
      {R"("request": {"path": "/", "headers": {"Host": "x"}})",
       "request.headers.Host cannot be set"},
      {R"("request": {"path": "/", "headers": {"a": 1}})",
       "request.headers.a must be a string"},
      {R"("request": {"path": "/", "method": "GET", "body": {}})",
       "request cannot have a body with GET"},
      {R"("request": {"path": "/", "body": {}, "upload": {"file": "/a"}})",
       "request cannot have both"},
      {R"("request": {"path": "/", "upload": {}})",
       "request.upload.file must be there"},
      {R"("request": {"path": "/"}, "answer": {"kind": "xml"})",
       "answer.kind must be json, file or none"},
      {R"("request": {"path": "/"}, "answer": {"kind": "file", "text": "/a"})",
       "answer.text must be a JSON Pointer into a JSON answer"},
      {R"("request": {"path": "/"}, "answer": {"max_bytes": "2MB"})",
       "answer.max_bytes must be a number of bytes"},
      {R"("request": {"path": "/"}, "cache": 1)", "cache must be true"},
      {R"("request": {"path": "/"}, "for_each": "chunks")",
       "for_each: stages of kind http do not go by chunks"},
      {R"("request": {"path": "/"}, "background": "x")",
       "background is not a known key of stages of kind http"},
    }) {
    INFO(call);
    auto file = read_pipeline(with_call(call));
    CHECK(names(file.mistakes, told));
    CHECK(file.mistakes.size() == 1);
  }
}

TEST_CASE("definitions: what is no definition is told so") {
  CHECK(names(read_pipeline("{").mistakes, "it is not valid JSON"));
  CHECK(names(read_pipeline("[]").mistakes, "must be an object"));
  CHECK(names(read_pipeline(R"({"name": "A b", "stages": []})").mistakes,
              "name must be 1 to 64 of a-z"));
  CHECK(names(read_pipeline(R"({"name": "a"})").mistakes,
              "stages must be a list of 1 to 64"));
  CHECK(
    names(read_pipeline(std::string(max_definition_bytes + 1, ' ')).mistakes,
          "longer than 256 KiB"));
  std::string deep(100, '[');
  CHECK(names(read_pipeline(deep + std::string(100, ']')).mistakes,
              "not valid JSON"));
  auto several = read_pipeline(
    R"({"name": "a", "colour": 1, "services": {"tts": {}, "x": {"urls": [],
        "max_concurrent": 0}, "y": {}}, "stages": [{"kind": "dance"}, 5]})");
  for (auto told :
       {"colour is not a known key", "services.tts is there already",
        "services.x.urls must be a list", "services.x.max_concurrent must be",
        "services.y.url must be there", "stages.0.name must be",
        "kind must be fetch", "stages.1 must be an object"})
    CHECK(names(several.mistakes, told));
}

TEST_CASE("definitions: a folder's mistakes are configuration mistakes, all") {
  test::scratch folder;
  folder.write("a.json", with_call(R"("request": {"path": "x"})"));
  folder.write("b.json", with_call(R"("request": {"path": "/x",
    "body": {"$from": "/stages/upload"}})"));
  folder.write("c.json", "{");
  folder.write("notes.txt", "not read");
  auto wrong = load_mistakes(folder);
  CHECK(wrong.size() == 3);
  CHECK(names(wrong, "PIPELINES_DIR: a.json: stages.more.request.path"));
  CHECK(names(wrong, "PIPELINES_DIR: b.json: stages.more.request: "
                     "/stages/upload: stage upload does not come before"));
  CHECK(names(wrong, "PIPELINES_DIR: c.json: it is not valid JSON"));

  folder.write("a.json", with_call(R"("request": {"path": "/x"})"));
  folder.write("b.json", with_call(R"("request": {"path": "/y"})"));
  folder.write("c.json", with_call(R"("request": {"path": "/z"})"));
  wrong = load_mistakes(folder);
  CHECK(wrong.size() == 2);
  CHECK(names(wrong, "b.json: name: own is the name of a.json, too"));

  auto missing = load_config({{"PIPELINES_DIR", folder.file("no").string()}});
  CHECK(names(std::get<mistakes>(missing),
              "PIPELINES_DIR: is not a folder that can be read"));
}

TEST_CASE("definitions: own services are services, also for the policy file") {
  test::scratch folder;
  folder.write("a.json", with_call(R"("request": {"path": "/x"})"));
  folder.write("policy", R"({"services": {"words": {"max_concurrent": 3},
                             "patient": {"max_hold": "1h"}}})");
  environment env{{"PIPELINES_DIR", folder.file("").string()},
                  {"POLICY_FILE", folder.file("policy").string()}};
  auto loaded = load_config(env);
  if (auto wrong = std::get_if<mistakes>(&loaded))
    for (auto& text : *wrong)
      UNSCOPED_INFO(text);
  REQUIRE(std::holds_alternative<config>(loaded));
  auto& cfg = std::get<config>(loaded);
  CHECK(cfg.services.at("words").max_concurrent == 3);
  CHECK(cfg.services.at("words").urls == mistakes{"http://words:1"});
  CHECK(cfg.services.at("patient").max_hold == ms{3'600'000});
  REQUIRE(cfg.pipelines.book.find("own"));
  CHECK(cfg.pipelines.book.find("") == dubbing_pipeline());
  // As when the policy file is read again.
  auto again = load_policies(env, cfg.pipelines.services);
  REQUIRE(std::holds_alternative<config>(again));
  CHECK(std::get<config>(again).services.at("words").max_concurrent == 3);
  folder.write("policy", R"({"services": {"patient": {"url": "http://a:1"}}})");
  CHECK(names(std::get<mistakes>(load_config(env)),
              "services.patient.url does not apply"));
}

TEST_CASE("definitions: what jobs began with is known for good") {
  pipeline_shelf shelf;
  auto old = read_pipeline(with_call(R"("request": {"path": "/x"})"));
  note kept{"pipeline", old.plan.id, old.plan.definition, {}};
  CHECK(add_kept_pipelines({kept}, shelf) == mistakes{});
  CHECK(shelf.book.known.at(old.plan.id)->name == "own");
  CHECK_FALSE(shelf.book.find("own"));
  CHECK(shelf.services.at("words").urls == mistakes{"http://words:1"});
  kept.value = "{}";
  CHECK(add_kept_pipelines({kept}, shelf) == mistakes{}); // known already
  kept.name = "other";
  CHECK(names(add_kept_pipelines({kept}, shelf), "stages must be a list"));
  kept.value = old.plan.definition;
  CHECK(names(add_kept_pipelines({kept}, shelf), "not what its id says"));
}
