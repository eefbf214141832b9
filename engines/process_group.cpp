#include "engines/process_group.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <set>
#include <stdexcept>

namespace dubber {

namespace {

constexpr int without_pidfd_ms = 5;

/// A group is taken out before its leader is reaped, since its number may be
/// another's afterwards.
struct living_groups {
  std::mutex mutex;
  std::set<pid_t> all;
  bool closed = false;
};

living_groups& living() {
  static living_groups groups;
  return groups;
}

int spawn(const program& command, int in, int out, pid_t group, pid_t& pid) {
  program full{"/usr/bin/setpriv", "--pdeathsig", "KILL", "--"};
  full.insert(full.end(), command.begin(), command.end());
  std::vector<char*> argv;
  for (auto& arg : full)
    argv.push_back(arg.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0)
    posix_spawn_file_actions_adddup2(&actions, in, 0);
  else
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (out >= 0)
    posix_spawn_file_actions_adddup2(&actions, out, 1);
  else
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  // httplib's sockets are not marked to be closed.
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, group);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP
                                          | POSIX_SPAWN_SETSIGMASK
                                          | POSIX_SPAWN_SETSIGDEF);
  auto code
    = ::posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

} // namespace

pid_t start_program(const program& command, int in, int out, pid_t group) {
  std::lock_guard guard{living().mutex};
  pid_t pid = -1;
  if (living().closed || spawn(command, in, out, group, pid) != 0)
    throw std::runtime_error("cannot start " + command.at(0));
  living().all.insert(group == 0 ? pid : group);
  return pid;
}

void end_group(pid_t group) {
  std::lock_guard guard{living().mutex};
  ::kill(-group, SIGKILL);
  living().all.erase(group);
}

void end_all_groups() {
  std::lock_guard guard{living().mutex};
  living().closed = true;
  for (auto group : living().all)
    ::kill(-group, SIGKILL);
}

bool wait_for_exit(pid_t pid, steady_point until) {
  // Not by its function: glibc 2.36 declares that for C only.
  pollfd p{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), POLLIN, 0};
  if (p.fd >= 0) {
    auto done = wait_for_events(&p, 1, until);
    ::close(p.fd);
    return done;
  }
  for (;;) { // a kernel or a sandbox without pidfds
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info,
                 WEXITED | WNOHANG | WNOWAIT)
          == 0
        && info.si_pid == pid)
      return true;
    if (std::chrono::steady_clock::now() >= until)
      return false;
    ::poll(nullptr, 0, without_pidfd_ms);
  }
}

int reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool wait_for_events(pollfd* fds, nfds_t count, steady_point until) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return false;
    auto wait = static_cast<int>(std::min<int64_t>(left.count(), 60'000));
    auto n = ::poll(fds, count, wait);
    if (n > 0)
      return true;
    if (n < 0 && errno != EINTR)
      return false;
  }
}

} // namespace dubber
