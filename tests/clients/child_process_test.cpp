#include "clients/child_process.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

using namespace dubber;
using namespace std::chrono_literals;

namespace {

cancel_flag flag(bool set = false) {
  return std::make_shared<std::atomic<bool>>(set);
}

result<child_outcome> sh(const std::string& script, ms timeout = 20s,
                         cancel_flag cancelled = flag()) {
  return run_child({"/bin/sh", "-c", script}, timeout, cancelled);
}

} // namespace

TEST_CASE("a child's output, errors and exit code come back") {
  auto ran = sh("echo out; echo err >&2; exit 3");
  REQUIRE(ran);
  CHECK(ran->out == "out\n");
  CHECK(ran->err == "err\n");
  CHECK(ran->exit_code == 3);
  CHECK(sh("kill -9 $$")->exit_code == 137);
  CHECK(run_child({"/absent"}, 20s, flag())->exit_code == 127);
}

TEST_CASE("a child has no input and no descriptors of ours") {
  auto ran = sh("cat; ls /proc/self/fd | wc -l");
  REQUIRE(ran);
  CHECK(ran->out == "4\n"); // 0, 1, 2 and the folder that ls reads
}

TEST_CASE("a child ends at its deadline, also when it closed its pipes") {
  for (auto script : {"sleep 60", "exec >&- 2>&-; sleep 60"}) {
    auto begin = std::chrono::steady_clock::now();
    auto ran = sh(script, 100ms);
    REQUIRE_FALSE(ran);
    CHECK(ran.error().code == fault_code::timeout);
    CHECK(std::chrono::steady_clock::now() - begin < 20s);
  }
}

TEST_CASE("a cancelled child ends") {
  auto ran = sh("sleep 60", 60s, flag(true));
  REQUIRE_FALSE(ran);
  CHECK(ran.error().code == fault_code::cancelled);
}

TEST_CASE("what a child says is bounded") {
  auto ran = sh("head -c 6000000 /dev/zero; head -c 9000 /dev/zero >&2");
  REQUIRE(ran);
  CHECK(ran->out.size() == 4u << 20);
  CHECK(ran->err.size() == 4096);
}

namespace {

child_outcome limited(const std::string& script, const child_limits& limits) {
  auto ran = run_child({"/bin/bash", "-c", script}, 20s, flag(), limits);
  REQUIRE(ran);
  return *ran;
}

} // namespace

TEST_CASE("a child without network gets no socket, nor do its children") {
  const std::string connect = "exec 3<>/dev/tcp/127.0.0.1/1";
  CHECK(limited(connect, {}).err.find("refused") != std::string::npos);
  child_limits none;
  none.network = false;
  CHECK(limited(connect, none).err.find("not permitted") != std::string::npos);
  CHECK(
    limited("/bin/bash -c '" + connect + "'", none).err.find("not permitted")
    != std::string::npos);
  CHECK(limited("echo fine | cat", none).out == "fine\n");
}

TEST_CASE("a child's memory, files, descriptors and priority are bounded") {
  child_limits limits;
  limits.memory_bytes = 200u << 20;
  limits.file_bytes = 4'096;
  limits.open_files = 16;
  limits.niceness = 5;
  auto said = limited("ulimit -v; ulimit -f; ulimit -n; nice", limits).out;
  CHECK(said
        == "204800\n4\n16\n"
             + std::to_string(::getpriority(PRIO_PROCESS, 0) + 5) + "\n");
  CHECK(
    limited("dd if=/dev/zero of=/dev/null bs=500M count=1", limits).exit_code
    != 0);
  // What is lower already stays so.
  CHECK(limited("ulimit -n 8; ulimit -n", limits).out == "8\n");
}

namespace {

/// Whether a process is there and not only waits to be collected.
bool is_alive(pid_t pid) {
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  if (!std::getline(stat, line))
    return false;
  auto state = line[line.rfind(')') + 2];
  return state != 'Z' && state != 'X';
}

/// Waits, within a limit, until something is so.
template <class F>
bool comes_true(F condition) {
  auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

} // namespace

TEST_CASE("a child dies with its parent, also when that is killed") {
  test::scratch files;
  auto name = files.file("pid").string();
  auto parent = ::fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    sh("echo $$ > " + name + ".part; mv " + name + ".part " + name
         + "; exec sleep 600",
       600s);
    ::_exit(0);
  }
  REQUIRE(comes_true([&] { return std::filesystem::exists(name); }));
  auto child = static_cast<pid_t>(std::stol(files.read("pid")));
  CHECK(is_alive(child));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  CHECK(comes_true([&] { return !is_alive(child); }));
}
