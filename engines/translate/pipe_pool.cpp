#include "engines/translate/pipe_pool.hpp"

#include "engines/translate/text.hpp"

#include <fstream>
#include <iterator>

namespace dubber {

namespace {

using namespace std::chrono_literals;

constexpr auto wait_for_pipe = 20s;
constexpr auto answer_timeout = 20s;
constexpr size_t longest_answer = 4 << 20;

std::unique_ptr<child_process> start_pipe(const std::string& mode) {
  std::ifstream file{"/usr/share/apertium/modes/" + mode + ".mode"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.empty())
    throw std::runtime_error("apertium mode " + mode + " is not installed");
  // The shell sees only the installed mode file, never a caller's text.
  return std::make_unique<child_process>(
    std::vector<std::string>{"/bin/sh", "-c", pipeline(text)},
    child_process::streams{true, true});
}

} // namespace

std::optional<std::string> pipe_pool::ask(child_process& pipe,
                                          const std::string& text) {
  auto until = std::chrono::steady_clock::now() + answer_timeout;
  if (!pipe.write(to_stream(text) + '\0', until))
    return std::nullopt;
  std::string answer;
  char buffer[8192];
  for (;;) {
    auto n = pipe.read(buffer, sizeof buffer, until);
    if (n <= 0 || answer.size() > longest_answer)
      return std::nullopt;
    answer.append(buffer, static_cast<size_t>(n));
    if (auto end = answer.find('\0'); end != std::string::npos)
      return from_stream(std::string_view{answer}.substr(0, end));
  }
}

std::optional<std::string> pipe_pool::translate(const std::string& mode,
                                                const std::string& text) {
  std::unique_lock lock{mutex_};
  auto& pipes = modes_[mode];
  if (!freed_.wait_for(lock, wait_for_pipe,
                       [&] { return pipes.used < limit_; }))
    return std::nullopt;
  ++pipes.used;
  pipe_ptr pipe;
  if (!pipes.idle.empty()) {
    pipe = std::move(pipes.idle.back());
    pipes.idle.pop_back();
  }
  lock.unlock();
  std::optional<std::string> answer;
  std::exception_ptr failed;
  try {
    for (int attempt = 0; attempt < 2 && !answer; ++attempt) {
      if (!pipe)
        pipe = start_pipe(mode);
      answer = ask(*pipe, text);
      if (!answer)
        pipe.reset();
    }
  } catch (const std::runtime_error&) {
    failed = std::current_exception(); // the place must be given back first
  }
  lock.lock();
  --pipes.used;
  if (pipe)
    pipes.idle.push_back(std::move(pipe));
  lock.unlock();
  freed_.notify_all();
  if (failed)
    std::rethrow_exception(failed);
  return answer;
}

std::vector<pid_t> pipe_pool::idle_pids() {
  std::lock_guard guard{mutex_};
  std::vector<pid_t> out;
  for (auto& [mode, pipes] : modes_)
    for (auto& pipe : pipes.idle)
      out.push_back(pipe->pid());
  return out;
}

} // namespace dubber
