#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("each verb reaches the coordinator, with who and why") {
  front_end front;
  struct {
    const char* name;
    control_verb what;
  } verbs[] = {{"cancel", control_verb::cancel},
               {"pause", control_verb::pause},
               {"resume", control_verb::resume},
               {"retry", control_verb::retry},
               {"redo", control_verb::redo}};
  for (auto& verb : verbs) {
    INFO(verb.name);
    auto answer = front.post(std::string{"/jobs/7/"} + verb.name,
                             R"({"stage": "tts", "reason": "so \"be\" it"})");
    CHECK(answer.status == 202);
    CHECK(json_of(answer)["id"] == 7);
    auto asked = front.jobs.controls().back();
    CHECK(asked.what == verb.what);
    CHECK(asked.job_id == 7);
    CHECK(asked.stage == "tts");
    CHECK(asked.reason == "so \"be\" it");
    CHECK(asked.by == "local");
  }
}

TEST_CASE("nothing has to be said") {
  front_end front;
  CHECK(front.ask("POST", "/jobs/7/cancel").status == 202);
  CHECK(front.post("/jobs/7/cancel", "").status == 202);
  CHECK(front.post("/jobs/7/cancel", "{}").status == 202);
  CHECK(
    front.post("/jobs/7/cancel", R"({"stage": null, "reason": null})").status
    == 202);
  for (auto& asked : front.jobs.controls()) {
    CHECK(asked.stage.empty());
    CHECK(asked.reason.empty());
  }
}

TEST_CASE("what the coordinator says of a wish") {
  front_end front;
  control_answer next;
  front.jobs.on_control = [&](auto, auto to) {
    to(next);
  };
  auto outcome = [&](control_answer a) {
    next = std::move(a);
    return front.post("/jobs/7/pause", "{}");
  };
  CHECK(outcome(control_done{sample_job(), true}).status == 202);
  CHECK(outcome(control_done{sample_job(), false}).status == 200);

  auto over = sample_job();
  over.row.status = job_status::completed;
  auto impossible = outcome(control_impossible{"it has ended", over});
  CHECK(impossible.status == 409);
  CHECK(code_of(impossible) == "not_possible_now");
  CHECK(json_of(impossible)["state"] == "completed");
  CHECK(json_of(impossible)["detail"] == "it has ended");
  CHECK(json_of(impossible)["instance"] == "/jobs/7/pause");

  auto stage
    = outcome(fault{fault_code::invalid_input, "no such stage", 0, {}});
  CHECK(stage.status == 422);
  CHECK(json_of(stage)["detail"][0]["loc"]
        == nlohmann::json::array({"body", "stage"}));
  CHECK(outcome(fault{fault_code::not_found, "no job 7", 0, {}}).status == 404);
  auto stopping = outcome(fault{fault_code::busy, "stopping", 0, {}});
  CHECK(stopping.status == 503);
  CHECK(code_of(stopping) == "stopping");
  CHECK(code_of(outcome(fault{fault_code::disk, "full", 0, {}}))
        == "journal_away");
}

TEST_CASE("wishes of the wrong shape") {
  front_end front;
  auto long_text = std::string(1'001, 'x');
  CHECK(front.post("/jobs/7/redo", R"({"reason": ")" + long_text + "\"}").status
        == 422);
  auto both = front.post("/jobs/7/redo", R"({"stage": 3, "reason": []})");
  CHECK(both.status == 422);
  CHECK(json_of(both)["detail"].size() == 2);
  CHECK(front.post("/jobs/x/redo", "{}").status == 422);
  CHECK(front.post("/jobs/7/redo", "{").status == 400);
  CHECK(front.post("/jobs/7/redo", "[]").status == 422);
  CHECK(front.post("/jobs/7/restart", "{}").status == 404);
  CHECK(front.get("/jobs/7/redo").status == 405);
  CHECK(front.jobs.controls().empty());
}
