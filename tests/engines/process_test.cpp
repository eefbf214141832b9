#include "tests/engines/running.hpp"

#include <signal.h>

using namespace dubber;
using namespace dubber::test;

namespace {

const json sentence{
  {"text", "The house."}, {"source_lang", "en"}, {"target_lang", "es"}};

/// All programs of an engine's pipelines.
std::vector<pid_t> all_members(pid_t engine) {
  std::vector<pid_t> out;
  for (auto group : child_groups(engine))
    for (auto pid : members(group))
      out.push_back(pid);
  return out;
}

bool all_gone(const std::vector<pid_t>& groups) {
  for (auto group : groups)
    if (!members(group).empty())
      return false;
  return true;
}

} // namespace

TEST_CASE("process: SIGTERM ends every engine at once, and its children") {
  for (std::string mode : {"gateway", "tts", "translate"}) {
    INFO(mode);
    engine_process engine{{mode}};
    raw_client silent{engine.port()};
    raw_client half{engine.port()};
    half.send("POST /synthesize HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
    if (mode == "translate")
      CHECK(post(engine.port(), "/translate", sentence).status == 200);
    auto groups = child_groups(engine.pid());
    CHECK(groups.empty() == (mode != "translate"));
    CHECK(engine.terminate() == 0);
    CHECK(eventually([&] { return all_gone(groups); }));
  }
}

TEST_CASE("process: a killed engine leaves no children") {
  engine_process engine{{"translate"}};
  CHECK(post(engine.port(), "/translate", sentence).status == 200);
  auto groups = child_groups(engine.pid());
  REQUIRE(all_members(engine.pid()).size() > 5);
  ::kill(engine.pid(), SIGKILL);
  CHECK(eventually([&] { return all_gone(groups); }));
}

TEST_CASE("process: mistakes are told and end with a code") {
  std::string out;
  auto code = [&](const std::string& arguments) {
    out.clear();
    return run_child({"/bin/sh", "-c",
                      std::string{ENGINES_PROGRAM} + " " + arguments + " 2>&1"},
                     std::chrono::seconds{30}, &out);
  };
  CHECK(code("--help") == 0);
  CHECK(out.find("usage: engines") == 0);
  CHECK(code("") == 2);
  CHECK(code("gateway --orchestrator ftp://x") == 2);
  CHECK(out.find("--orchestrator wants") != std::string::npos);
  CHECK(code("tts --data /proc/nowhere") == 1);
  CHECK(code("tts --host 203.0.113.1 --data /tmp") == 1);
  CHECK(out.find("cannot listen on 203.0.113.1") != std::string::npos);
}
