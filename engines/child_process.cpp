#include "engines/child_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace dubber {

namespace {

struct pipe_ends {
  descriptor read;
  descriptor write;

  pipe_ends() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0)
      throw std::runtime_error("no more descriptors for a child process");
    read = descriptor{fds[0]};
    write = descriptor{fds[1]};
  }
};

descriptor non_blocking(descriptor fd) {
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  return fd;
}

} // namespace

child_process::child_process(const program& command, streams which)
  : child_process(std::vector<program>{command}, which) {
  // nop
}

child_process::child_process(const std::vector<program>& pipeline,
                             streams which) {
  descriptor next_input;
  if (which.input) {
    pipe_ends to;
    next_input = std::move(to.read);
    in_ = non_blocking(std::move(to.write));
  }
  try {
    for (auto& command : pipeline) {
      auto input = std::move(next_input);
      descriptor output;
      bool last = &command == &pipeline.back();
      if (!last || which.output) {
        pipe_ends between;
        output = std::move(between.write);
        next_input = std::move(between.read);
      }
      auto group = pids_.empty() ? 0 : pids_.front();
      pids_.push_back(start_program(command, input.get(), output.get(), group));
    }
  } catch (const std::runtime_error&) {
    kill();
    throw;
  }
  if (which.output)
    out_ = non_blocking(std::move(next_input));
}

child_process::~child_process() {
  kill();
}

void child_process::kill() {
  in_.close();
  out_.close();
  if (pids_.empty())
    return;
  end_group(pids_.front());
  reap_all();
}

int child_process::reap_all() {
  int code = -1;
  for (auto pid : pids_)
    code = reap(pid);
  pids_.clear();
  return code;
}

ssize_t child_process::read(char* buffer, size_t size, steady_point until) {
  pollfd p{out_.get(), POLLIN, 0};
  while (wait_for_events(&p, 1, until)) {
    auto n = ::read(out_.get(), buffer, size);
    if (n >= 0 || (errno != EINTR && errno != EAGAIN))
      return n;
  }
  return -1;
}

bool child_process::ask(const std::string& question, char end, size_t limit,
                        steady_point until, std::string& answer) {
  size_t sent = 0;
  char buffer[16384];
  for (;;) {
    pollfd fds[2] = {{out_.get(), POLLIN, 0}, {in_.get(), POLLOUT, 0}};
    if (!wait_for_events(fds, sent < question.size() ? 2 : 1, until))
      return false;
    if (sent < question.size() && fds[1].revents != 0) {
      auto n
        = ::write(in_.get(), question.data() + sent, question.size() - sent);
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return false;
      sent += static_cast<size_t>(std::max<ssize_t>(n, 0));
    }
    if (fds[0].revents == 0)
      continue;
    auto n = ::read(out_.get(), buffer, sizeof buffer);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
      return false;
    auto seen = answer.size();
    answer.append(buffer, static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (answer.find(end, seen) != std::string::npos)
      return true;
    if (answer.size() > limit)
      return false;
  }
}

int child_process::wait(steady_point until) {
  if (pids_.empty())
    return -1;
  for (auto pid : pids_)
    if (!wait_for_exit(pid, until)) {
      kill();
      return -1;
    }
  end_group(pids_.front()); // whatever they left behind
  return reap_all();
}

int run_child(const program& command, std::chrono::milliseconds timeout,
              std::string* output, size_t limit) {
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
