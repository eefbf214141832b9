#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("a job is started") {
  front_end front;
  const std::string trace
    = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  auto answer = front.post("/orchestrate",
                           R"({"job_id": 7, "pipeline": "dub", "priority": -3,
                               "restart": true, "unknown": []})",
                           "traceparent: " + trace + "\r\n");
  CHECK(answer.status == 202);
  CHECK(answer.header("location") == "/jobs/7");
  CHECK(answer.header("x-content-type-options") == "nosniff");
  CHECK(answer.header("cache-control") == "no-store");
  CHECK(!answer.header("date").empty());
  auto body = json_of(answer);
  CHECK(body["message"] == "Job accepted");
  CHECK(body["job"]["status"] == "PROCESSING");
  CHECK(body["run"] == 1);
  CHECK(body["state"] == "running");
  auto asked = front.jobs.intakes();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].job_id == 7);
  CHECK(asked[0].pipeline == "dub");
  CHECK(asked[0].priority == -3);
  CHECK(asked[0].restart);
  CHECK(asked[0].by == "local");
  CHECK(asked[0].traceparent == trace);
}

TEST_CASE("a malformed traceparent is passed over") {
  front_end front;
  for (std::string text :
       {"x", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"})
    front.post("/orchestrate", R"({"job_id": 1})",
               "traceparent: " + text + "\r\n");
  REQUIRE(front.jobs.intakes().size() == 4);
  for (auto& asked : front.jobs.intakes())
    CHECK(asked.traceparent.empty());
}

TEST_CASE("what the coordinator says of an intake") {
  front_end front;
  using r = intake_refused::reason;
  intake_answer next;
  front.jobs.on_intake = [&](auto, auto to) {
    to(next);
  };
  auto outcome = [&](intake_answer a) {
    next = std::move(a);
    return front.post("/orchestrate", R"({"job_id": 7})");
  };

  auto known = outcome(intake_accepted{sample_job(), true, true});
  CHECK(known.status == 200);
  CHECK(json_of(known)["message"] == "Job is known already");

  auto unfetched = sample_job();
  unfetched.gateway_json.clear();
  auto early = outcome(intake_accepted{unfetched, false, false});
  CHECK(early.status == 202);
  CHECK(json_of(early)["job"]
        == nlohmann::json{{"id", 7}, {"status", "QUEUED"}});

  auto gone = outcome(intake_rejected{"the gateway has no job 7"});
  CHECK(gone.status == 404);
  CHECK(code_of(gone) == "job_not_found");
  CHECK(json_of(gone)["detail"] == "the gateway has no job 7");
  CHECK(json_of(gone)["instance"] == "/orchestrate");

  auto full = outcome(intake_refused{r::full, "full", ms{29'001}});
  CHECK(full.status == 429);
  CHECK(code_of(full) == "too_many_jobs");
  CHECK(full.header("retry-after") == "30");
  CHECK(json_of(full)["retryable"] == true);

  auto stopping = outcome(intake_refused{r::stopping, "stop", ms{10'000}});
  CHECK(stopping.status == 503);
  CHECK(code_of(stopping) == "stopping");
  CHECK(stopping.header("retry-after") == "10");

  auto away = outcome(intake_refused{r::journal_away, "disk", ms{5'000}});
  CHECK(away.status == 503);
  CHECK(code_of(away) == "journal_away");

  auto conflict = outcome(intake_conflict{"it runs", sample_job()});
  CHECK(conflict.status == 409);
  CHECK(json_of(conflict)["state"] == "running");
}

TEST_CASE("jobs are listed and shown") {
  front_end front;
  auto page = front.get("/jobs?state=parked&limit=3&cursor=12");
  CHECK(page.status == 200);
  CHECK(json_of(page)["items"].size() == 1);
  CHECK(json_of(page)["next"] == 1);
  auto listed = front.jobs.lists().at(0);
  CHECK(listed.status == job_status::parked);
  CHECK(listed.limit == 3);
  CHECK(listed.cursor == 12);

  auto job = json_of(front.get("/jobs/7"));
  CHECK(job["id"] == 7);
  CHECK(job["created_at"] == "2023-11-14T22:13:20.000Z");
  CHECK(job["waiting_for"]["kind"] == "retry");
  CHECK(job["eta_seconds"]["p90"] == 24);
  CHECK(job["error"].is_null());
  CHECK(front.get("/jobs/%37").status == 200);
  CHECK(front.jobs.asks().back().job_id == 7);
}

TEST_CASE("segments and history") {
  front_end front;
  front.jobs.on_ask = [](auto query, auto to) {
    if (query.kind == job_query::what::segments) {
      segments_page page;
      segment_view spoken_one{0, {0.5, 2}, "Hello <b>", "Hola", {}};
      spoken_one.speech = spoken{{"artifacts/ab", "ab", 3}, 1.25, 1};
      page.items = {spoken_one, {1, {2, 3}, "bad \xff byte", {}, {}}};
      page.next = 2;
      return to(page);
    }
    history_page page;
    page.job_id = 7;
    page.items.push_back(
      {9, event{2, moment(1), 1, ev::stage_started{"asr", 1}}});
    to(page);
  };
  auto segments = json_of(front.get("/jobs/7/segments?cursor=0&limit=2"));
  CHECK(segments["items"][0]["speech"]["seconds"] == 1.25);
  CHECK(segments["items"][1]["text"] == "bad \xEF\xBF\xBD byte");
  CHECK(segments["items"][1]["translation"].is_null());
  auto history = json_of(front.get("/jobs/7/history"));
  CHECK(history["items"][0]["id"] == 9);
  CHECK(history["items"][0]["type"] == "stage.started");
  CHECK(history["next"].is_null());
}

TEST_CASE("what the coordinator cannot show") {
  front_end front;
  fault why;
  front.jobs.on_ask = [&](auto, auto to) {
    to(why);
  };
  why = {fault_code::not_found, "there is no job 8", 0, {}};
  CHECK(code_of(front.get("/jobs/8")) == "not_found");
  why = {fault_code::disk, "the disk is full", 0, {}};
  auto away = front.get("/jobs/8/history");
  CHECK(away.status == 503);
  CHECK(code_of(away) == "journal_away");
  CHECK(away.header("retry-after") == "5");
}

TEST_CASE("services, probes and metrics") {
  front_end front;
  auto services = json_of(front.get("/services"));
  CHECK(services["items"][0]["breaker"] == "open");
  CHECK(services["items"][0]["recent"]["calls"] == 9);
  CHECK(json_of(front.get("/health")) == nlohmann::json{{"status", "ok"}});
  CHECK(json_of(front.get("/livez")) == nlohmann::json{{"status", "ok"}});
  auto metrics = front.get("/metrics");
  CHECK(metrics.header("content-type").starts_with("text/plain"));
  CHECK(metrics.body == "dubber_up 1\n");

  auto ready = front.get("/readyz");
  CHECK(ready.status == 200);
  CHECK(json_of(ready)["journal"] == "ok");
  front.jobs.be({false, false, "the disk is full"});
  auto away = front.get("/readyz");
  CHECK(away.status == 503);
  CHECK(json_of(away)["status"] == "not ready");
  CHECK(json_of(away)["journal"] == "the disk is full");
  front.jobs.be({false, true, "ok"});
  CHECK(json_of(front.get("/readyz"))["status"] == "stopping");
}

TEST_CASE("unknown paths and methods") {
  front_end front;
  for (auto target : {"/", "/nothing", "/jobs/", "/jobs/7/", "//jobs",
                      "/jobs/7/steps", "/jobs/7%2Fsegments", "/ORCHESTRATE"}) {
    INFO(target);
    auto answer = front.get(target);
    CHECK((answer.status == 404 || answer.status == 422));
    CHECK(json_of(answer)["instance"] == target);
  }
  auto allowed = [&](const char* method, const char* target) {
    auto answer = front.ask(method, target);
    CHECK(answer.status == 405);
    CHECK(code_of(answer) == "method_not_allowed");
    return answer.header("allow");
  };
  CHECK(allowed("GET", "/orchestrate") == "POST");
  CHECK(allowed("DELETE", "/jobs/7") == "GET, HEAD");
  CHECK(allowed("PUT", "/jobs/7/cancel") == "POST");
  CHECK(allowed("OPTIONS", "/jobs") == "GET, HEAD");
  CHECK(front.notes.ended("GET /orchestrate 405") == 1);
  CHECK(front.notes.ended("GET unknown 404") >= 4);
}

TEST_CASE("HEAD is GET without its body") {
  front_end front;
  for (auto target : {"/health", "/jobs/7", "/jobs", "/metrics",
                      "/openapi.json", "/docs", "/nothing"}) {
    INFO(target);
    auto whole = front.get(target);
    auto line = front.connect();
    line.send(front_end::text("HEAD", target)
              + front_end::text("GET", "/livez"));
    auto head = line.read_answer(true);
    CHECK(head.status == whole.status);
    CHECK(head.header("content-type") == whole.header("content-type"));
    CHECK(head.header("content-length") == std::to_string(whole.body.size()));
    // What follows is the next answer, not a body.
    CHECK(line.read_answer().status == 200);
  }
}
