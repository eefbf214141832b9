/// Jobs of several languages: `?language=` in reading, `language` in an edit.
#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

/// A job into Spanish and Brazilian Portuguese, whose German is stopped.
job_view several() {
  auto job = sample_job();
  job.output_object_key = "dubbed_7.mp4";
  job.artifacts = {{"srt", "es.srt"}};
  job.results = {
    {"es", "done", std::nullopt, "dubbed_7.mp4", 0, job.artifacts},
    {"pt+BR",
     "done",
     std::nullopt,
     "dubbed_7.pt+BR.mp4",
     2,
     {{"srt", "pt.srt"}}},
    {"de",
     "stopped",
     error_view{{fault_code::unsupported, "no German", 422, {}}, "tts:de", 4},
     {},
     0,
     {}}};
  return job;
}

} // namespace

TEST_CASE("a job shows what there is in each language") {
  front_end front;
  front.jobs.on_ask = [](auto, auto to) {
    to(several());
  };
  auto body = json_of(front.get("/jobs/7"));
  auto& results = body["results"];
  REQUIRE(results.size() == 3);
  CHECK(body["output_object_key"] == "dubbed_7.mp4");
  CHECK(results[0]["artifacts"]["srt"] == "/jobs/7/artifacts/srt");
  CHECK(results[1]["output_object_key"] == "dubbed_7.pt+BR.mp4");
  CHECK(results[1]["degraded_count"] == 2);
  CHECK(results[1]["artifacts"]["srt"]
        == "/jobs/7/artifacts/srt?language=pt%2BBR");
  CHECK(results[2]["state"] == "stopped");
  CHECK(results[2]["output_object_key"].is_null());
  CHECK(results[2]["error"]["message"] == "no German");
  CHECK(results[2]["error"]["stage"] == "tts:de");
  CHECK(results[2]["error"]["segment"] == 4);
}

TEST_CASE("files of one language, and of none that the job does not have") {
  front_end front;
  scratch folder;
  front.routes.locate
    = [&](const std::string& key) -> result<std::filesystem::path> {
    return folder.file(key);
  };
  front.jobs.on_ask = [](auto, auto to) {
    to(several());
  };
  folder.write("es.srt", "hola");
  folder.write("pt.srt", "bom dia");
  CHECK(front.get("/jobs/7/artifacts/srt").body == "hola");
  CHECK(front.get("/jobs/7/artifacts/srt?language=ES").body == "hola");
  auto second = front.get("/jobs/7/artifacts/srt?language=pt%2BBR");
  CHECK(second.body == "bom dia");
  CHECK(second.header("content-disposition")
        == "attachment; filename=\"job_7_pt+BR_srt.srt\"");
  auto early = front.get("/jobs/7/artifacts/srt?language=de");
  CHECK(early.status == 404);
  CHECK(code_of(early) == "no_artifact");
  auto none = front.get("/jobs/7/report?language=fr");
  CHECK(none.status == 404);
  CHECK(json_of(none)["detail"]
        == "the job is not dubbed into fr, but es, pt+BR, de");
}

TEST_CASE("the language reaches the coordinator") {
  front_end front;
  CHECK(front.get("/jobs/7/segments?language=de&limit=5").status == 200);
  CHECK(front.jobs.asks().back().language == "de");
  CHECK(front.jobs.asks().back().limit == 5);
  auto patch = [&](const std::string& body) {
    return front.ask("PATCH", "/jobs/7/segments/3", front_end::json_type, body);
  };
  CHECK(patch(R"({"translation": "x", "language": "de"})").status == 202);
  CHECK(front.jobs.controls().back().edit->language == "de");
  CHECK(patch(R"({"translation": "x", "language": null})").status == 202);
  CHECK(front.jobs.controls().back().edit->language.empty());
  CHECK(patch(R"({"translation": "x", "language": 7})").status == 422);
  CHECK(patch(R"({"language": "de"})").status == 422);
  CHECK(patch(R"({"translation": "x", "language": ")" + std::string(65, 'x')
              + "\"}")
          .status
        == 422);
  auto redo
    = front.ask("POST", "/jobs/7/redo", front_end::json_type,
                R"({"stage": "translate:)" + std::string(64, 'x') + "\"}");
  CHECK(redo.status == 202);
}
