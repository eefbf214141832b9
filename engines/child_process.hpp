#pragma once

#include "engines/descriptor.hpp"
#include "engines/process_group.hpp"

#include <string>
#include <vector>

namespace dubber {

/// A program, or several in a pipeline, in a process group of its own, started
/// without a shell. The kernel kills them when the thread that started them
/// ends; the destructor kills the group and reaps them.
class child_process {
public:
  struct streams {
    bool input = false;  // a pipe; otherwise /dev/null
    bool output = false; // a pipe; otherwise /dev/null
  };

  /// Throws std::runtime_error when a program cannot be started.
  child_process(const program& command, streams which);
  child_process(const std::vector<program>& pipeline, streams which);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Bytes read; 0 at the end; -1 when `until` passed or on an error.
  ssize_t read(char* buffer, size_t size, steady_point until);

  /// Writes a question and reads at the same time (neither side's pipe can fill
  /// up) until the answer holds `end`. False when `until` passed, the child
  /// closed a stream or the answer grew beyond `limit` bytes.
  bool ask(const std::string& question, char end, size_t limit,
           steady_point until, std::string& answer);

  /// The exit code of the last program; -1 when a signal ended it or `until`
  /// passed (then all were killed).
  int wait(steady_point until);

  void kill();

  /// The group, which is the first program; -1 when it was waited for.
  pid_t pid() const {
    return pids_.empty() ? -1 : pids_.front();
  }

private:
  int reap_all();

  std::vector<pid_t> pids_;
  descriptor in_;
  descriptor out_;
};

/// Runs to the end, output gathered up to `limit` bytes; exit code or -1.
int run_child(const program& command, std::chrono::milliseconds timeout,
              std::string* output = nullptr, size_t limit = 1 << 20);

} // namespace dubber
