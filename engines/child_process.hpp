#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace dubber {

/// A child in a process group of its own, started without a shell, that the
/// kernel kills when the thread that started it ends. The destructor kills the
/// group and reaps the child.
class child_process {
public:
  struct streams {
    bool input = false;  // a pipe; otherwise /dev/null
    bool output = false; // a pipe; otherwise /dev/null
  };

  /// Throws std::runtime_error when the program cannot be started.
  child_process(const std::vector<std::string>& command, streams which);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  using time_point = std::chrono::steady_clock::time_point;

  /// Bytes read; 0 at the end; -1 when `until` passed or on an error.
  ssize_t read(char* buffer, size_t size, time_point until);

  /// False when the child closed its input or `until` passed.
  bool write(const std::string& data, time_point until);

  /// The exit code; -1 when a signal ended it or `until` passed (killed).
  int wait(time_point until);

  void kill();

  pid_t pid() const {
    return pid_;
  }

private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
};

/// Runs to the end, output gathered up to `limit` bytes; exit code or -1.
int run_child(const std::vector<std::string>& command,
              std::chrono::milliseconds timeout, std::string* output = nullptr,
              size_t limit = 1 << 20);

} // namespace dubber
