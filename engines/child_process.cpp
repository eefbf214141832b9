#include "engines/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace dubber {

namespace {

using namespace std::chrono_literals;

void close_fd(int& fd) {
  if (fd >= 0)
    ::close(fd);
  fd = -1;
}

/// Waits for `events` of a descriptor; false when the time is over.
bool ready(int fd, short events, child_process::time_point until) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return false;
    pollfd p{fd, events, 0};
    auto wait = static_cast<int>(std::min<int64_t>(left.count(), 60'000));
    auto n = ::poll(&p, 1, wait);
    if (n > 0)
      return true;
    if (n < 0 && errno != EINTR)
      return false;
  }
}

int start(const std::vector<std::string>& command, int in, int out,
          pid_t& pid) {
  std::vector<std::string> full{"/usr/bin/setpriv", "--pdeathsig", "KILL",
                                "--"};
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
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
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

child_process::child_process(const std::vector<std::string>& command,
                             streams which) {
  int in[2] = {-1, -1};
  int out[2] = {-1, -1};
  bool piped = (!which.input || ::pipe2(in, O_CLOEXEC) == 0)
               && (!which.output || ::pipe2(out, O_CLOEXEC) == 0);
  auto code = piped ? start(command, in[0], out[1], pid_) : errno;
  close_fd(in[0]);
  close_fd(out[1]);
  in_ = in[1];
  out_ = out[0];
  if (code != 0) {
    pid_ = -1;
    close_fd(in_);
    close_fd(out_);
    throw std::runtime_error("cannot start " + command.at(0));
  }
  if (in_ >= 0)
    ::fcntl(in_, F_SETFL, O_NONBLOCK);
}

child_process::~child_process() {
  kill();
}

void child_process::kill() {
  close_fd(in_);
  close_fd(out_);
  if (pid_ <= 0)
    return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
    continue;
  pid_ = -1;
}

ssize_t child_process::read(char* buffer, size_t size, time_point until) {
  while (ready(out_, POLLIN, until)) {
    auto n = ::read(out_, buffer, size);
    if (n >= 0 || errno != EINTR)
      return n;
  }
  return -1;
}

bool child_process::write(const std::string& data, time_point until) {
  size_t sent = 0;
  while (sent < data.size() && ready(in_, POLLOUT, until)) {
    auto n = ::write(in_, data.data() + sent, data.size() - sent);
    if (n > 0)
      sent += static_cast<size_t>(n);
    else if (errno != EINTR && errno != EAGAIN)
      return false;
  }
  return sent == data.size();
}

int child_process::wait(time_point until) {
  while (pid_ > 0) {
    int status = 0;
    auto n = ::waitpid(pid_, &status, WNOHANG);
    if (n == pid_) {
      ::kill(-pid_, SIGKILL); // whatever it left behind in its group
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    if (std::chrono::steady_clock::now() >= until) {
      kill();
      return -1;
    }
    std::this_thread::sleep_for(2ms);
  }
  return -1;
}

int run_child(const std::vector<std::string>& command,
              std::chrono::milliseconds timeout, std::string* output,
              size_t limit) {
  auto until = std::chrono::steady_clock::now() + timeout;
  child_process child{command, {false, output != nullptr}};
  char buffer[8192];
  while (output != nullptr) {
    auto n = child.read(buffer, sizeof buffer, until);
    if (n < 0 || output->size() > limit)
      return -1;
    if (n == 0)
      break;
    output->append(buffer, static_cast<size_t>(n));
  }
  return child.wait(until);
}

} // namespace dubber
