#include "clients/celery/task_state.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace dubber;
using nlohmann::json;

namespace {

const std::string sha(64, 'a');

std::string state(const std::string& status, const json& result) {
  return json{{"status", status},
              {"result", result},
              {"traceback", nullptr},
              {"children", json::array()},
              {"task_id", "t"}}
    .dump();
}

/// As Celery writes an exception.
fault failed(const std::string& type, const json& args,
             const std::string& status = "FAILURE") {
  auto read = read_task_state(state(
    status,
    {{"exc_type", type}, {"exc_message", args}, {"exc_module", "somewhere"}}));
  CHECK(read.news == task_news::failed);
  REQUIRE(!read.end);
  return read.end.error();
}

fault_code code(const std::string& type, const json& args = json::array()) {
  return failed(type, args).code;
}

} // namespace

TEST_CASE("task state: a result") {
  auto read = read_task_state(state("SUCCESS", {{"key", "artifacts/x"},
                                                {"sha256", sha},
                                                {"bytes", 12},
                                                {"seconds", 3.5},
                                                {"picture", "copied"},
                                                {"loudness_lkfs", -24.1},
                                                {"more", 1}}));
  REQUIRE(read.news == task_news::done);
  auto& file = *read.end;
  CHECK(file.key == "artifacts/x");
  CHECK(file.sha256 == sha);
  CHECK(file.bytes == 12);
  CHECK(file.seconds == 3.5);
  CHECK(file.picture == "copied");
  CHECK(file.loudness_lkfs == -24.1);
  CHECK(!file.true_peak_db);
}

TEST_CASE("task state: a result that is none") {
  json good{{"key", "k"}, {"sha256", sha}, {"bytes", 1}, {"seconds", 1}};
  for (auto& [name, value] :
       std::vector<std::pair<std::string, json>>{{"key", nullptr},
                                                 {"sha256", "AA"},
                                                 {"bytes", -1},
                                                 {"seconds", -1},
                                                 {"seconds", "1"}}) {
    INFO(name);
    auto bad = good;
    bad[name] = value;
    auto read = read_task_state(state("SUCCESS", bad));
    CHECK(read.news == task_news::failed);
    CHECK(read.end.error().code == fault_code::bad_answer);
  }
  for (auto text : {"", "null", "[]", "{}", R"({"status": 1})"}) {
    INFO(text);
    auto read = read_task_state(text);
    CHECK(read.news == task_news::failed);
    CHECK(read.end.error().code == fault_code::bad_answer);
  }
}

TEST_CASE("task state: what is not final is waited for, known or not") {
  for (auto status :
       {"PENDING", "RECEIVED", "STARTED", "PROGRESS", "RETRY", "ODD"})
    CHECK(read_task_state(state(status, {{"exc_type", "ValueError"}})).news
          == task_news::running);
}

TEST_CASE("task state: exceptions that say never") {
  CHECK(code("InvalidInput") == fault_code::invalid_input);
  CHECK(code("ValueError") == fault_code::invalid_input);
  CHECK(code("LimitExceeded") == fault_code::limit_exceeded);
  CHECK(code("NotRegistered", {"a.task"}) == fault_code::refused);
  CHECK(code("TypeError", {"f() takes 2 positional arguments but 4 were given"})
        == fault_code::refused);
  CHECK(code("EncodeError") == fault_code::refused);
  auto missing = failed("NotFound", {"there is no object x", "x"});
  CHECK(missing.code == fault_code::not_found);
  CHECK(missing.message == "there is no object x");
  CHECK(missing.subject == "x");
  CHECK(failed("InvalidInput", {"the source is odd"}).message
        == "the source is odd");
}

TEST_CASE("task state: exceptions after which it is tried again") {
  CHECK(code("WorkerLostError", {"signal 9"}) == fault_code::server_error);
  CHECK(code("KeyError", {"x"}) == fault_code::server_error);
  CHECK(code("TypeError", {"unsupported operand"}) == fault_code::server_error);
  CHECK(code("SoftTimeLimitExceeded") == fault_code::timeout);
  CHECK(code("TimeLimitExceeded", {1}) == fault_code::timeout);
  CHECK(code("DiskFull", {"no room"}) == fault_code::disk);
  CHECK(code("OSError", {28, "No space left on device"}) == fault_code::disk);
  CHECK(code("OSError", {5, "Input/output error"}) == fault_code::server_error);
  CHECK(failed("TaskRevokedError", {"expired"}, "REVOKED").code
        == fault_code::timeout);
  CHECK(failed("TaskRevokedError", {"terminated"}, "REVOKED").code
        == fault_code::server_error);
  auto plain = read_task_state(state("FAILURE", "just a text"));
  CHECK(plain.news == task_news::failed);
  CHECK(plain.end.error().code == fault_code::server_error);
}

TEST_CASE("task state: what a worker says is one line, and not endless") {
  auto said = failed("Odd", {"a\nb\x1b[31m " + std::string(5'000, 'x')});
  CHECK(said.message.find('\n') == std::string::npos);
  CHECK(said.message.find('\x1b') == std::string::npos);
  CHECK(said.message.size() < 600);
  std::string umlauts;
  for (int i = 0; i < 400; ++i)
    umlauts += "ü";
  auto cut = failed("Odd", {"x" + umlauts}).message;
  CHECK(json(cut).dump().size() > 0); // still UTF-8
}

TEST_CASE("task state: whose it is") {
  CHECK(task_id_in(state("STARTED", {})) == "t");
  CHECK(task_id_in("{").empty());
  CHECK(task_id_in("{}").empty());
}
