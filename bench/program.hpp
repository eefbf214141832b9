#pragma once

#include "bench/http_stub.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace dubber::bench {

/// A server that takes calls and never answers: the kernel accepts for it.
class silent_server {
public:
  silent_server() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto where = reinterpret_cast<sockaddr*>(&at);
    if (::bind(fd_, where, size) != 0 || ::listen(fd_, 4'096) != 0
        || ::getsockname(fd_, where, &size) != 0)
      give_up("cannot listen");
    port = ntohs(at.sin_port);
  }
  silent_server(const silent_server&) = delete;
  silent_server& operator=(const silent_server&) = delete;
  ~silent_server() {
    ::close(fd_);
  }

  int port = 0;

private:
  int fd_;
};

/// The real program as a child; ended with this object.
class program {
public:
  /// @param log Where stderr goes; empty: to ours.
  program(const std::string& path,
          const std::map<std::string, std::string>& environment,
          const std::filesystem::path& log = {}) {
    int err = log.empty()
                ? -1
                : ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC,
                         0600);
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0)
      give_up("cannot make a pipe");
    std::vector<std::string> texts;
    for (auto& [name, value] : environment)
      texts.push_back(name + "=" + value);
    std::vector<char*> env;
    for (auto& text : texts)
      env.push_back(text.data());
    env.push_back(nullptr);
    began = std::chrono::steady_clock::now();
    pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL); // the parent may die first
      ::dup2(out[1], 1);
      if (err >= 0)
        ::dup2(err, 2);
      ::execle(path.c_str(), path.c_str(), nullptr, env.data());
      ::_exit(127);
    }
    ::close(out[1]);
    if (err >= 0)
      ::close(err);
    std::string said;
    char buffer[256];
    pollfd ready{out[0], POLLIN, 0};
    while (said.find('\n') == std::string::npos) {
      auto n = ::poll(&ready, 1, 30'000) > 0
                 ? ::read(out[0], buffer, sizeof buffer)
                 : 0;
      if (n <= 0)
        give_up("the program does not start");
      said.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(out[0]);
    port = std::stoi(said.substr(said.rfind(':') + 1));
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  ~program() {
    if (pid <= 0)
      return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

  /// In order, as an operator would.
  void stop() {
    ::kill(pid, SIGTERM);
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || status != 0)
      give_up("the program does not stop well");
    pid = -1;
  }

  /// A line of /proc/PID/status, in bytes.
  long memory(const std::string& name) const {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(in, line);)
      if (line.starts_with(name + ":"))
        return std::stol(line.substr(name.size() + 1)) * 1024;
    return 0;
  }

  /// Of our CPU so far, in seconds.
  double cpu() const {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    std::istringstream rest{text.substr(text.rfind(')') + 2)};
    std::string skipped;
    for (auto i = 0; i < 11; ++i)
      rest >> skipped;
    long user = 0;
    long system = 0;
    rest >> user >> system;
    return static_cast<double>(user + system)
           / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now()
                                         - began)
      .count();
  }

  pid_t pid = -1;
  int port = 0;
  std::chrono::steady_clock::time_point began;
};

/// One connection that asks one thing after another.
class asker {
public:
  explicit asker(int port) : fd_(connect_to(port)) {
    // nop
  }
  asker(const asker&) = delete;
  asker& operator=(const asker&) = delete;
  ~asker() {
    ::close(fd_);
  }

  struct answer {
    int status = 0;
    double took_ms = 0;
    std::string body;
  };

  answer get(const std::string& path) {
    auto began = std::chrono::steady_clock::now();
    write_all(fd_, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (text_.find("\r\n\r\n") == std::string::npos)
      more();
    auto head = text_.find("\r\n\r\n") + 4;
    auto at = text_.find("Content-Length: ");
    if (at == std::string::npos || at > head)
      give_up("an answer without a length");
    auto length = std::stoul(text_.substr(at + 16));
    while (text_.size() < head + length)
      more();
    std::chrono::duration<double, std::milli> took
      = std::chrono::steady_clock::now() - began;
    answer out{std::stoi(text_.substr(9, 3)), took.count(),
               text_.substr(head, length)};
    text_.erase(0, head + length);
    return out;
  }

private:
  void more() {
    char buffer[65'536];
    pollfd ready{fd_, POLLIN, 0};
    auto n = ::poll(&ready, 1, 30'000) > 0
               ? ::recv(fd_, buffer, sizeof buffer, 0)
               : 0;
    if (n <= 0)
      give_up("the program does not answer");
    text_.append(buffer, static_cast<std::size_t>(n));
  }

  int fd_;
  std::string text_;
};

} // namespace dubber::bench
