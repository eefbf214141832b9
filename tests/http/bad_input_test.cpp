#include "tests/support/catch.hpp"
#include "tests/support/front_end.hpp"

using namespace dubber;
using namespace dubber::test;
using namespace std::literals;

namespace {

/// The fields that a 422 complains of, such as "body.job_id".
std::set<std::string> wrong_fields(const wire_answer& answer) {
  std::set<std::string> out;
  if (answer.status != 422)
    return {"status " + std::to_string(answer.status) + ": " + answer.body};
  auto problem = json_of(answer);
  for (auto& mistake : problem["detail"]) {
    std::string where;
    for (auto& part : mistake["loc"])
      where += (where.empty() ? "" : ".") + part.get<std::string>();
    out.insert(where);
  }
  return out;
}

using fields = std::set<std::string>;

std::string nested(int depth) {
  return R"({"job_id": 1, "x": )" + std::string(depth - 1, '[')
         + std::string(depth - 1, ']') + "}";
}

} // namespace

TEST_CASE("a body that is not JSON") {
  front_end front;
  for (auto body : {""s,
                    " "s,
                    "{"s,
                    "{]"s,
                    "job_id=1"s,
                    R"({"job_id": 1,})"s,
                    R"({"job_id": 1} x)"s,
                    R"({'job_id': 1})"s,
                    R"({"job_id": NaN})"s,
                    R"({"job_id": 01})"s,
                    R"({"job_id": 0x1})"s,
                    R"({"job_id": +1})"s,
                    "{\"job_id\": 1, \"x\": \"\xff\"}"s,
                    "{\"x\": \"\xc0\x80\"}"s,
                    "{\"x\": \"\xed\xa0\x80\"}"s,
                    "{\"x\": \"a\nb\"}"s,
                    "{\"x\0\": 1}"s,
                    "\0"s,
                    "{\"job_id\": 1}\0"s,
                    R"({"x": "\ud800"})"s,
                    R"({"job_id": 1e999})"s}) {
    INFO(body);
    auto answer = front.post("/orchestrate", body);
    CHECK(answer.status == 400);
    CHECK(code_of(answer) == "bad_json");
  }
  CHECK(front.jobs.intakes().empty());
}

TEST_CASE("names that occur twice are refused: which one counts?") {
  front_end front;
  auto twice = front.post("/orchestrate", R"({"job_id": 1, "job_id": 2})");
  CHECK(twice.status == 400);
  CHECK(json_of(twice)["detail"].get<std::string>().find("\"job_id\"")
        != std::string::npos);
  CHECK(
    front.post("/orchestrate", R"({"job_id": 1, "x": {"a": 1, "a": 2}})").status
    == 400);
  // The same name in different objects is fine.
  CHECK(front
          .post("/orchestrate",
                R"({"job_id": 1, "x": {"a": 1}, "y": [{"a": 1}, {"a": 2}]})")
          .status
        == 202);
}

TEST_CASE("64 levels and not more") {
  front_end front;
  CHECK(front.post("/orchestrate", nested(64)).status == 202);
  auto deeper = front.post("/orchestrate", nested(65));
  CHECK(deeper.status == 400);
  CHECK(code_of(deeper) == "bad_json");
  auto abyss = front.post("/orchestrate", std::string(64 * 1024, '['));
  CHECK(abyss.status == 400);
}

TEST_CASE("JSON of the wrong shape: all mistakes at once") {
  front_end front;
  auto wrong = [&](const std::string& body) {
    INFO(body);
    auto answer = front.post("/orchestrate", body);
    CHECK(code_of(answer) == "validation");
    return wrong_fields(answer);
  };
  CHECK(wrong("[]") == fields{"body"});
  CHECK(wrong("null") == fields{"body"});
  CHECK(wrong("7") == fields{"body"});
  CHECK(wrong("{}") == fields{"body.job_id"});
  CHECK(wrong(R"({"job_id": "1"})") == fields{"body.job_id"});
  CHECK(wrong(R"({"job_id": 1.0})") == fields{"body.job_id"});
  CHECK(wrong(R"({"job_id": true})") == fields{"body.job_id"});
  CHECK(wrong(R"({"job_id": null})") == fields{"body.job_id"});
  CHECK(wrong(R"({"job_id": 9223372036854775808})") == fields{"body.job_id"});
  CHECK(wrong(R"({"job_id": 99999999999999999999999})")
        == fields{"body.job_id"});
  CHECK(
    wrong(R"({"pipeline": "other", "priority": 1001, "restart": 1})")
    == fields{"body.job_id", "body.pipeline", "body.priority", "body.restart"});
  CHECK(wrong(R"({"job_id": 1, "priority": 18446744073709551615})")
        == fields{"body.priority"});
  CHECK(wrong(R"({"job_id": 1, "priority": 0.5})") == fields{"body.priority"});
  CHECK(front.jobs.intakes().empty());
  CHECK(front.post("/orchestrate", R"({"job_id": 9223372036854775807})").status
        == 202);
}

TEST_CASE("other content types than JSON") {
  front_end front;
  for (auto type : {"", "Content-Type: text/plain\r\n", "Content-Type: \r\n",
                    "Content-Type: application/x-www-form-urlencoded\r\n",
                    "Content-Type: application/jsonp\r\n",
                    "Content-Type: multipart/form-data; boundary=x\r\n"}) {
    INFO(type);
    auto answer = front.ask("POST", "/orchestrate", type, R"({"job_id": 1})");
    CHECK(answer.status == 415);
    CHECK(code_of(answer) == "content_type");
  }
  for (auto type : {"Content-Type: application/json; charset=utf-8\r\n",
                    "content-type: Application/JSON ;x\r\n"})
    CHECK(front.ask("POST", "/orchestrate", type, R"({"job_id": 1})").status
          == 202);
}

TEST_CASE("queries") {
  front_end front;
  CHECK(wrong_fields(front.get("/jobs?limit=0&cursor=x&state=lost"))
        == fields{"query.limit", "query.cursor", "query.state"});
  for (auto limit : {"1001", "-1", "", "1e2", "+5", "%31%30%30%31",
                     "18446744073709551617"}) {
    INFO(limit);
    CHECK(wrong_fields(front.get("/jobs?limit="s + limit))
          == fields{"query.limit"});
  }
  CHECK(wrong_fields(front.get("/jobs/7/segments?cursor=-1&limit=x"))
        == fields{"query.cursor", "query.limit"});
  CHECK(front.get("/jobs?limit=%31&unknown=%zz&&=&state=running&limit=2").status
        == 200);
  CHECK(front.jobs.lists().back().limit == 2); // the last one counts
}

TEST_CASE("paths") {
  front_end front;
  for (auto id : {"abc", "7x", "9223372036854775808", "", "%00", "7%00",
                  "%ff%fe", "7.0", "+7"}) {
    INFO(id);
    CHECK(wrong_fields(front.get("/jobs/"s + id + "/history"))
          == fields{"path.id"});
  }
  for (auto target : {"/jobs/%", "/jobs/%4", "/jobs/%zz", "/%"}) {
    INFO(target);
    auto answer = front.get(target);
    CHECK(answer.status == 400);
    CHECK(code_of(answer) == "bad_path");
  }
  CHECK(front.get("/jobs/-3").status == 200);
  CHECK(front.jobs.asks().back().job_id == -3);
}

TEST_CASE("a request's own bytes come back as text, never as markup or JSON") {
  front_end front;
  auto answer = front.get("/\"%0d%0aSet-Cookie:%20x=1<script>\xff");
  CHECK(answer.status == 404);
  CHECK(answer.header("set-cookie").empty());
  CHECK(json_of(answer)["instance"]
        == "/\"%0d%0aSet-Cookie:%20x=1<script>\xEF\xBF\xBD");
}
