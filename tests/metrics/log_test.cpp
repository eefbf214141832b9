#include "metrics/log.hpp"

#include "metrics/mask.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <thread>
#include <vector>

using namespace dubber;
using namespace std::literals;
using log::field;
using nlohmann::json;

namespace {

const std::string hostile[] = {
  "line\nbreak\r\n",
  "\"quotes\" \\ and\ttabs",
  "\x1b[2J\x1b]0;title\x07",
  "nul\0byte"s,
  "bad \xff utf-8 \xc3",
  "del\x7f c1 \xc2\x9b[2J nel\xc2\x85",
  "line\xe2\x80\xa8paragraph\xe2\x80\xa9",
  "x=1 level=error event=\"forged\"",
  "{\"event\": \"forged\"}",
  "Grüße, 日本語",
  std::string(100'000, 'x'),
};

bool has_controls(const std::string& line) {
  auto control = std::any_of(line.begin(), line.end(), [](unsigned char c) {
    return c < 0x20 || c == 0x7f;
  });
  return control || line.find("\xc2\x9b") != std::string::npos
         || line.find("\xc2\x85") != std::string::npos
         || line.find("\xe2\x80\xa8") != std::string::npos
         || line.find("\xe2\x80\xa9") != std::string::npos;
}

/// Has stderr go to a file while it lives, lines of `info` and above as JSON.
class caught_lines {
public:
  caught_lines() : before_(::dup(STDERR_FILENO)) {
    auto fd = ::open(folder_.file("log").c_str(), O_CREAT | O_WRONLY | O_APPEND,
                     0600);
    REQUIRE(::dup2(fd, STDERR_FILENO) >= 0);
    ::close(fd);
    log::configure(log::level::info, true);
  }
  caught_lines(const caught_lines&) = delete;
  caught_lines& operator=(const caught_lines&) = delete;
  ~caught_lines() {
    log::configure(log::level::info, false);
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }

  std::string text() const {
    return folder_.read("log");
  }

  /// The events that were told, in order.
  std::vector<std::string> events() const {
    std::vector<std::string> out;
    std::istringstream lines{text()};
    for (std::string line; std::getline(lines, line);)
      out.push_back(json::parse(line)["event"].get<std::string>());
    return out;
  }

private:
  test::scratch folder_;
  int before_;
};

using names = std::vector<std::string>;

} // namespace

TEST_CASE("a JSON line is one object, whatever it is about") {
  for (auto& text : hostile) {
    auto line = log::line_of(true, log::level::warn, "job.failed", "now",
                             {{"reason", text}, {"job", "7"}});
    CHECK(!has_controls(line));
    auto j = json::parse(line);
    CHECK(j["event"] == "job.failed");
    CHECK(j["level"] == "warn");
    CHECK(j["time"] == "now");
    CHECK(j["job"] == "7");
    CHECK(j["reason"].is_string());
  }
  auto kept = log::line_of(true, log::level::info, "x", "now",
                           {{"a", hostile[0] + hostile[5] + hostile[9]}});
  CHECK(json::parse(kept)["a"] == hostile[0] + hostile[5] + hostile[9]);
}

TEST_CASE("a text line begins with its event and stays one line") {
  for (auto& text : hostile) {
    auto line = log::line_of(false, log::level::error, "job.failed", "now",
                             {{"reason", text}, {"job", "7"}});
    CHECK(!has_controls(line));
    CHECK(line.starts_with("job.failed level=error time=now reason=\""));
    CHECK(line.ends_with("\" job=\"7\""));
  }
  CHECK(log::line_of(false, log::level::info, "a.b", "now", {})
        == "a.b level=info time=now");
}

TEST_CASE("secrets are masked") {
  struct {
    std::string text;
    std::string shown;
  } all[] = {
    {"amqp://guest:se:cret@mq:5672//", "amqp://guest:***@mq:5672//"},
    {"postgres://a:b@h/d and http://c:d@e", "postgres://a:***@h/d and "
                                            "http://c:***@e"},
    {"http://host:8080/a@b", "http://host:8080/a@b"},
    {"GET http://s/v.mp4?X-Amz-Credential=AK%2F1&X-Amz-Signature=ab12&x=1",
     "GET http://s/v.mp4?X-Amz-Credential=***&X-Amz-Signature=***&x=1"},
    {"url \"http://s/?signature=abc\", gone",
     "url \"http://s/?signature=***\", gone"},
    {"Authorization: Bearer abc.def-0", "Authorization: Bearer ***"},
    {"authorization: basic Zm9v", "authorization: basic ***"},
    {"token=abc password=def", "token=*** password=***"},
    {"tokens=3 my_token=x mytoken=4", "tokens=3 my_token=x mytoken=4"},
    {"token= ", "token= "},
    {"://", "://"},
    {"a://b:@c", "a://b:@c"},
    {"nothing to hide", "nothing to hide"},
    {"", ""},
  };
  for (auto& each : all)
    CHECK(masked(each.text) == each.shown);
  auto line = log::line_of(true, log::level::info, "x", "now",
                           {{"url", "amqp://guest:secret@mq//"}});
  CHECK(line.find("secret") == std::string::npos);
}

TEST_CASE("lines of many threads stay whole, those below the level are not") {
  caught_lines caught;
  std::vector<std::thread> all;
  for (int t = 0; t < 4; ++t)
    all.emplace_back([] {
      log::gathering together;
      for (int i = 0; i < 500; ++i) {
        log::write(log::level::info, "told", {{"text", std::string(500, 'x')}});
        log::write(log::level::debug, "not.told");
      }
    });
  for (auto& each : all)
    each.join();
  CHECK(caught.events() == names(2'000, "told"));
}

TEST_CASE("a thread's lines are gathered until something is wrong") {
  caught_lines caught;
  {
    log::gathering together;
    log::write(log::level::info, "first");
    CHECK(caught.text().empty());
    log::write(log::level::warn, "wrong");
    CHECK(caught.events() == names{"first", "wrong"});
    log::write(log::level::info, "second");
    CHECK(caught.events().size() == 2);
    log::write(log::level::info, "long",
               {{"text", std::string(2 * log::most_gathered, 'x')}});
    CHECK(caught.events().size() == 3); // what was there leaves before it
  }
  CHECK(caught.events() == names{"first", "wrong", "second", "long"});
  log::write(log::level::info, "alone");
  CHECK(caught.events().back() == "alone");
}
