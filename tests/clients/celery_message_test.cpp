#include "clients/celery/ledger.hpp"
#include "clients/celery/task_message.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <set>

using namespace dubber;
using nlohmann::json;

namespace {

const amqp_value* header(const amqp_message& in, const std::string& name) {
  for (auto& [key, value] : in.headers)
    if (key == name)
      return &value;
  return nullptr;
}

std::string text(const amqp_message& in, const std::string& name) {
  auto found = header(in, name);
  REQUIRE(found);
  return std::get<std::string>(*found);
}

} // namespace

/// Without any of these the worker that reads it ends, and the next one too.
TEST_CASE("a task message has what a worker cannot do without") {
  task_call call;
  call.id = "the-id";
  call.name = "a.task";
  call.arguments = R"([7,1,"a b é.mp4","out"])";
  call.expires = time_point{ms{1'764'558'000'001}};
  call.time_limit = ms{1'500};
  call.reply_to = "replies";
  call.traceparent = "00-1-2-01";
  auto out = task_message(call);
  CHECK(out.content_type == "application/json");
  CHECK(out.content_encoding == "utf-8");
  CHECK(out.persistent);
  CHECK(out.correlation_id == "the-id");
  CHECK(out.reply_to == "replies");
  CHECK(out.traceparent == "00-1-2-01");
  CHECK(text(out, "id") == "the-id");
  CHECK(text(out, "root_id") == "the-id");
  CHECK(text(out, "task") == "a.task");
  CHECK(text(out, "lang") == "py");
  CHECK(text(out, "expires") == "2025-12-01T03:00:01+00:00"); // not before
  CHECK(std::get<std::vector<std::int64_t>>(*header(out, "timelimit"))
        == std::vector<std::int64_t>{42, 32});
  CHECK(std::get<bool>(*header(out, "ignore_result")) == false);
  auto body = json::parse(out.body);
  REQUIRE(body.is_array());
  REQUIRE(body.size() == 3);
  CHECK(body[0] == json{7, 1, "a b é.mp4", "out"});
  CHECK(body[1] == json::object());
  CHECK(body[2].is_object());
}

TEST_CASE("tasks are revoked by all workers, those that run as well") {
  auto out = revoke_message({"a", "b"}, time_point{ms{5'000}});
  CHECK(!out.persistent);
  CHECK(std::get<std::int64_t>(*header(out, "expires")) == 5);
  auto body = json::parse(out.body);
  CHECK(body["method"] == "revoke");
  CHECK(body["arguments"]["task_id"] == json{"a", "b"});
  CHECK(body["arguments"]["terminate"] == true);
  CHECK(body["arguments"]["signal"] == "SIGTERM");
}

TEST_CASE("a task's id is that of one dispatch") {
  std::set<std::string> ids;
  for (auto call : {"key", "other"})
    for (auto task : {"extract", "merge"})
      for (auto input : {"a", "b"})
        for (auto attempt : {1, 2})
          for (auto output : {"x", "y"})
            ids.insert(task_id(work_key(call, task, input), attempt, output));
  CHECK(ids.size() == 32);
  auto work = work_key("key", "extract", "a");
  CHECK(task_id(work, 1, "x") == task_id(work, 1, "x"));
  CHECK(task_id(work, 1, "x").size() == 36);
  // No two different lists give the same name.
  CHECK(work_key("a", "b", "c") != work_key("ab", "", "c"));
}

TEST_CASE("a ledger is read as it was written") {
  std::vector<dispatch> out{
    {"id-1", "artifacts/é", time_point{ms{1'234}}, true, true},
    {"id-2", "artifacts/b", time_point{ms{9'876'543'210}}, false, false}};
  CHECK(read_ledger(write_ledger(out)) == out);
  for (auto text : {"", "{", "[]", R"({"format":2,"dispatches":[]})",
                    R"({"format":1,"dispatches":[{"id":1}]})"}) {
    INFO(text);
    CHECK(read_ledger(text).empty());
  }
}
