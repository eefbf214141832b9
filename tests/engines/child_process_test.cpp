#include "engines/child_process.hpp"

#include "tests/engines/running.hpp"

#include <csignal>

using namespace dubber;
using namespace dubber::test;
using namespace std::chrono_literals;

namespace {

program shell(const std::string& script) {
  return {"/bin/sh", "-c", script};
}

} // namespace

TEST_CASE("child: exit codes, output, a program that is not there") {
  std::string out;
  CHECK(run_child(shell("echo one; exit 3"), 10s, &out) == 3);
  CHECK(out == "one\n");
  CHECK(run_child(shell("kill -9 $$"), 10s) == -1);
  CHECK(run_child({"/nowhere/program"}, 10s) == 127);
  out.clear();
  CHECK(run_child({"/usr/bin/yes"}, 10s, &out, 100'000) == -1);
  CHECK(out.size() < 200'000);
}

TEST_CASE("child: the time limit ends it and what it started") {
  child_process child{shell("sleep 60 & echo; sleep 60"), {false, true}};
  char line;
  REQUIRE(child.read(&line, 1, soon()) == 1);
  auto group = child.pid();
  CHECK(members(group).size() >= 2);
  CHECK(child.wait(std::chrono::steady_clock::now() + 50ms) == -1);
  CHECK(child.pid() == -1);
  CHECK(eventually([&] { return members(group).empty(); }));
}

TEST_CASE("child: it inherits nothing but its streams") {
  running gateway{"gateway"}; // has sockets that are not marked close-on-exec
  raw_client peer{gateway.port()};
  std::string out;
  CHECK(run_child(shell("ls /proc/$$/fd"), 10s, &out) == 0);
  CHECK(out == "0\n1\n2\n");
}

TEST_CASE("child: question and answer larger than the pipes") {
  child_process cat{program{"/bin/cat"}, {true, true}};
  std::string question(3 << 20, 'q');
  std::string answer;
  CHECK(cat.ask(question + '\n', '\n', 4 << 20, soon(), answer));
  CHECK(answer == question + '\n');
  answer.clear();
  CHECK_FALSE(cat.ask(question + '\n', '\n', 1 << 20, soon(), answer));
  child_process mute{program{"/bin/sleep", "60"}, {true, true}};
  CHECK_FALSE(mute.ask(question, '\n', 4 << 20,
                       std::chrono::steady_clock::now() + 50ms, answer));
  std::signal(SIGPIPE, SIG_IGN); // as the engines' program does
  child_process dead{program{"/bin/true"}, {true, true}};
  answer.clear();
  CHECK_FALSE(dead.ask("x\n", '\n', 100, soon(), answer));
}
