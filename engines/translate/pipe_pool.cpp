#include "engines/translate/pipe_pool.hpp"

#include <algorithm>

namespace dubber {

namespace {

using namespace std::chrono_literals;

constexpr auto wait_for_pipe = 20s;
constexpr auto answer_timeout = 20s;
constexpr size_t longest_answer = 4 << 20;
// What ends a question passes all programs. One that dies makes those behind it
// answer too, with what they have or nothing.
constexpr std::string_view last_blank = "[]";

} // namespace

std::optional<pipe_pool::pipe_ptr> pipe_pool::take(const command& what) {
  std::unique_lock lock{mutex_};
  if (!freed_.wait_for(lock, wait_for_pipe,
                       [&] { return used_[what] < limit_; }))
    return std::nullopt;
  ++used_[what];
  auto same = [&](auto& x) {
    return x.what == what;
  };
  auto latest = std::find_if(idle_.rbegin(), idle_.rend(), same);
  pipe_ptr out;
  if (latest != idle_.rend()) {
    out = std::move(latest->pipe);
    idle_.erase(std::next(latest).base());
  }
  return out;
}

void pipe_pool::give_back(const command& what, pipe_ptr pipe) {
  std::list<idle_pipe> gone; // ended without the lock
  {
    std::lock_guard guard{mutex_};
    --used_[what];
    if (pipe)
      idle_.push_back({what, std::move(pipe)});
    while (idle_.size() > most_idle_)
      gone.splice(gone.end(), idle_, idle_.begin());
  }
  freed_.notify_all();
}

pipe_end pipe_pool::ask(const command& what, const std::string& question,
                        std::string& answer) {
  auto taken = take(what);
  if (!taken)
    return pipe_end::late;
  auto pipe = std::move(*taken);
  auto end = pipe_end::died;
  try {
    for (int attempt = 0; attempt < 2 && end == pipe_end::died; ++attempt) {
      if (!pipe)
        pipe = std::make_unique<child_process>(
          what, child_process::streams{true, true});
      auto until = std::chrono::steady_clock::now() + answer_timeout;
      answer.clear();
      if (pipe->ask(question + '\0', '\0', longest_answer, until, answer)) {
        answer.resize(answer.find('\0'));
        if (answer.ends_with(last_blank))
          end = pipe_end::answered;
      }
      if (end == pipe_end::died) {
        pipe.reset();
        if (std::chrono::steady_clock::now() >= until)
          end = pipe_end::late;
      }
    }
  } catch (const std::exception&) {
    give_back(what, nullptr);
    throw;
  }
  give_back(what, std::move(pipe));
  return end;
}

std::vector<pid_t> pipe_pool::idle_pids() {
  std::lock_guard guard{mutex_};
  std::vector<pid_t> out;
  for (auto& x : idle_)
    out.push_back(x.pipe->pid());
  return out;
}

} // namespace dubber
