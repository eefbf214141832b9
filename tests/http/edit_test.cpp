/// `PATCH /jobs/{id}/segments/{n}`: what reaches the coordinator, and what is
/// refused before.
#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;

namespace {

constexpr auto target = "/jobs/7/segments/3";

wire_answer patch(front_end& front, const std::string& where,
                  const std::string& body, const std::string& headers = {}) {
  return front.ask("PATCH", where, front_end::json_type + headers, body);
}

/// The places of the mistakes in a 422, such as `body text`.
std::set<std::string> places(const wire_answer& answer) {
  std::set<std::string> out;
  auto body = json_of(answer);
  for (auto& mistake : body["detail"]) {
    std::string place;
    for (auto& part : mistake["loc"])
      place += (place.empty() ? "" : " ") + part.get<std::string>();
    out.insert(place);
  }
  return out;
}

} // namespace

TEST_CASE("an edit reaches the coordinator, with who and why") {
  front_end front;
  front.jobs.on_control = [](auto command, auto to) {
    control_done done{sample_job(command.job_id), true};
    done.repeats = {{"tts", 1}, {"merge", 1}};
    done.segment = segment_view{3, {1, 2}, "said", "gesagt", std::nullopt};
    to(done);
  };
  auto answer = patch(front, target,
                      R"({"text": " said\n", "translation": "ges\u00e4gt",)"
                      R"( "reason": "a typo"})");
  CHECK(answer.status == 202);
  auto body = json_of(answer);
  CHECK(body["id"] == 7);
  CHECK(body["repeats"] == json{{"tts", 1}, {"merge", 1}});
  CHECK(body["segment"]["n"] == 3);
  CHECK(body["segment"]["translation"] == "gesagt");
  auto asked = front.jobs.controls().back();
  CHECK(asked.what == control_verb::edit);
  CHECK(asked.job_id == 7);
  CHECK(asked.by == "local");
  CHECK(asked.reason == "a typo");
  CHECK_FALSE(asked.dry_run);
  REQUIRE(asked.edit);
  CHECK(asked.edit->segment == 3);
  CHECK(asked.edit->text == "said");
  CHECK(asked.edit->translation == "ges\xC3\xA4gt");
  CHECK(patch(front, target, R"({"text": "x", "translation": null})").status
        == 202);
  CHECK_FALSE(front.jobs.controls().back().edit->translation);
}

TEST_CASE("an edit that has no sense is refused, with all its mistakes") {
  front_end front;
  auto refused
    = [&](const std::string& body, const std::string& where = target) {
        auto answer = patch(front, where, body);
        CHECK(answer.status == 422);
        return places(answer);
      };
  using set = std::set<std::string>;
  CHECK(refused("{}") == set{"body"});
  CHECK(refused(R"({"text": null})") == set{"body"});
  CHECK(refused(R"({"text": "", "translation": " \t\n"})")
        == set{"body text", "body translation"});
  CHECK(refused(R"({"text": 1, "translation": ["x"], "reason": {}})")
        == set{"body text", "body translation", "body reason"});
  CHECK(refused(R"({"text": ")" + std::string(5'001, 'x') + "\"}")
        == set{"body text"});
  CHECK(refused(R"({"text": "a\u0000b"})") == set{"body text"});
  CHECK(refused(R"({"text": "a\u001b[1m"})") == set{"body text"});
  CHECK(refused(R"({"text": "x"})", "/jobs/7/segments/x") == set{"path n"});
  CHECK(refused(R"({"text": "x"})", "/jobs/7/segments/-1") == set{"path n"});
  CHECK(refused(R"({"text": "x"})", "/jobs/7/segments/4294967296")
        == set{"path n"});
  CHECK(refused(R"({"text": "x"})", "/jobs/x/segments/3") == set{"path id"});
  CHECK(refused(R"({"text": "x"})", std::string{target} + "?dry_run=maybe")
        == set{"query dry_run"});
  CHECK(refused("[]") == set{"body"});
  CHECK(patch(front, target, "").status == 400);
  CHECK(patch(front, target, "{\"text\": \"\xff\"}").status == 400);
  CHECK(patch(front, target, R"({"text": "\ud800"})").status == 400);
  CHECK(front.ask("PATCH", target, "Content-Type: text/plain\r\n", "{}").status
        == 415);
  CHECK(patch(front, target, "{\"text\": \"" + std::string(70'000, 'x') + "\"}")
          .status
        == 413);
  CHECK(front.get(target).status == 405);
  CHECK(front.post(target, R"({"text": "x"})").status == 405);
  CHECK(front.jobs.controls().empty());
  CHECK(patch(front, target, R"({"text": ")" + std::string(5'000, 'x') + "\"}")
          .status
        == 202);
}

TEST_CASE("what the coordinator says of an edit") {
  front_end front;
  control_answer next;
  front.jobs.on_control = [&](auto, auto to) {
    to(next);
  };
  auto outcome = [&](control_answer a) {
    next = std::move(a);
    return patch(front, target, R"({"text": "x"})");
  };
  auto same = outcome(control_done{sample_job(), false});
  CHECK(same.status == 200);
  CHECK(json_of(same)["repeats"] == json::object());
  auto none
    = outcome(fault{fault_code::not_found, "there is no segment 3", 0, {}});
  CHECK(none.status == 404);
  CHECK(json_of(none)["detail"] == "there is no segment 3");
  auto early = outcome(control_impossible{"no transcript", sample_job()});
  CHECK(early.status == 409);
  CHECK(json_of(early)["state"] == "running");
  auto away
    = outcome(fault{fault_code::unreachable, "the store is away", 0, {}});
  CHECK(away.status == 503);
  CHECK(code_of(away) == "unreachable");
  CHECK(away.header("retry-after") == "5");
}

TEST_CASE("a dry run uses no Idempotency-Key, the edit itself does") {
  front_end front;
  front.jobs.on_control = [](auto command, auto to) {
    to(control_done{sample_job(), !command.dry_run});
  };
  const std::string key = "Idempotency-Key: edit-1\r\n";
  const std::string body = R"({"text": "x"})";
  auto dry = std::string{target} + "?dry_run=true";
  CHECK(patch(front, dry, body, key).status == 200);
  CHECK(front.jobs.controls().back().dry_run);
  CHECK(front.jobs.controls().back().notes.empty());
  CHECK(patch(front, target, body, key).status == 202);
  CHECK_FALSE(front.jobs.controls().back().dry_run);
  CHECK_FALSE(front.jobs.controls().back().notes.empty());
  auto again = patch(front, target, body, key);
  CHECK(again.status == 202);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(front.jobs.controls().size() == 2);
  CHECK(patch(front, target, R"({"text": "y"})", key).status == 422);
  CHECK(patch(front, "/jobs/7/segments/4", body, key).status == 422);
  CHECK(front.post("/jobs/7/redo?dry_run=true", R"({"stage": "tts"})").status
        == 200);
  CHECK(front.post("/jobs/7/pause?dry_run=perhaps", "{}").status == 422);
}

TEST_CASE("an edit wants what control wants") {
  front_end front;
  front.routes.access.loopback = false;
  CHECK(patch(front, target, R"({"text": "x"})").status == 403);
  front_end guarded;
  guarded.routes.access.loopback = false;
  guarded.routes.access.owner
    = [](std::string_view token) -> std::optional<std::string> {
    if (token == "secret-secret-secret")
      return "anna";
    return std::nullopt;
  };
  CHECK(patch(guarded, target, R"({"text": "x"})").status == 401);
  CHECK(patch(guarded, target, R"({"text": "x"})",
              "Authorization: Bearer secret-secret-secret\r\n")
          .status
        == 202);
  CHECK(guarded.jobs.controls().back().by == "anna");
  front_end local;
  CHECK(
    patch(local, target, R"({"text": "x"})", "Origin: http://evil.example\r\n")
      .status
    == 403);
  CHECK(local.jobs.controls().empty());
}
