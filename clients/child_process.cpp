#include "clients/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace dubber {

namespace {

constexpr std::size_t max_out = 4 << 20;
constexpr std::size_t max_err = 4096;
constexpr int poll_slice_ms = 50; ///< how late a cancel is noticed at most

struct pipe_end {
  int read = -1;
  int write = -1;
  bool open() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0)
      return false;
    read = fds[0];
    write = fds[1];
    return true;
  }
  void close_write() {
    if (write >= 0)
      ::close(write);
    write = -1;
  }
  ~pipe_end() {
    close_write();
    if (read >= 0)
      ::close(read);
  }
};

/// Between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(char* const* argv, int out, int err, pid_t parent,
                         const child_limits& limits) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(127); // the parent died before the line above
  auto null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::close_range(3, ~0U, 0);
  rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  apply_limits(limits);
  ::execv(argv[0], argv);
  ::_exit(127);
}

/// Reads what is there; false at the end.
bool drain(int fd, std::string& into, std::size_t limit, bool keep_tail) {
  char buffer[16 * 1024];
  auto n = ::read(fd, buffer, sizeof buffer);
  if (n <= 0)
    return n < 0 && errno == EINTR;
  into.append(buffer, static_cast<std::size_t>(n));
  if (into.size() > limit) {
    if (keep_tail)
      into.erase(0, into.size() - limit);
    else
      into.resize(limit);
  }
  return true;
}

fault why_stopped(const std::string& program, ms timeout, bool cancelled) {
  if (cancelled)
    return {fault_code::cancelled, "cancelled", 0, {}};
  return {fault_code::timeout,
          program.substr(program.find_last_of('/') + 1) + " did not end within "
            + std::to_string((timeout.count() + 999) / 1000) + " s",
          0,
          {}};
}

} // namespace

std::string find_program(const std::string& name) {
  auto path = std::getenv("PATH");
  std::istringstream folders{path ? path : "/usr/bin:/bin"};
  for (std::string folder; std::getline(folders, folder, ':');)
    if (auto full = folder + "/" + name;
        folder.starts_with('/') && ::access(full.c_str(), X_OK) == 0)
      return full;
  return {};
}

result<child_outcome> run_child(const std::vector<std::string>& argv,
                                ms timeout, const cancel_flag& cancelled,
                                const child_limits& limits) {
  pipe_end out;
  pipe_end err;
  if (!out.open() || !err.open())
    return fault{
      fault_code::disk, "no more descriptors for a child process", 0, {}};
  std::vector<char*> args;
  for (auto& x : argv)
    args.push_back(const_cast<char*>(x.c_str()));
  args.push_back(nullptr);
  auto parent = ::getpid();
  auto pid = ::fork();
  if (pid < 0)
    return fault{fault_code::disk,
                 std::string{"cannot start a child process: "}
                   + std::strerror(errno),
                 0,
                 {}};
  if (pid == 0)
    become(args.data(), out.write, err.write, parent, limits);
  ::setpgid(pid, pid); // also here: whoever comes first
  out.close_write();
  err.close_write();
  auto deadline = std::chrono::steady_clock::now() + timeout;
  child_outcome outcome;
  std::optional<fault> stopped;
  pollfd fds[2] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    ::poll(fds, 2, poll_slice_ms);
    if (fds[0].revents && !drain(fds[0].fd, outcome.out, max_out, false))
      fds[0].fd = -1;
    if (fds[1].revents && !drain(fds[1].fd, outcome.err, max_err, true))
      fds[1].fd = -1;
    if (*cancelled || std::chrono::steady_clock::now() >= deadline)
      stopped = why_stopped(argv[0], timeout, *cancelled);
    if (stopped)
      break;
  }
  // A program can close its pipes and run on: the deadline holds for that too.
  int status = 0;
  while (!stopped && ::waitpid(pid, &status, WNOHANG) == 0) {
    ::poll(nullptr, 0, 1);
    if (*cancelled || std::chrono::steady_clock::now() >= deadline)
      stopped = why_stopped(argv[0], timeout, *cancelled);
  }
  if (stopped) {
    ::kill(-pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
      ;
  }
  ::kill(-pid, SIGKILL); // whatever it left behind in its group
  if (stopped)
    return *stopped;
  outcome.exit_code
    = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

} // namespace dubber
