#pragma once

#include "clients/celery/task_results.hpp"
#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dubber {

/// Looks for news of all tasks that somebody waits for, with one question for
/// all of them, and keeps their deadlines; a thread. While the results are away
/// it goes on, after pauses that grow.
class task_watch {
public:
  using steady = std::chrono::steady_clock;

  struct settings {
    ms poll{100};   ///< between two questions, while somebody waits
    ms idle{5'000}; ///< while nobody does: whether the results are there
    ms first_pause{500};
    ms longest_pause{10'000};
    ms longest_stop{3'000}; ///< one that hangs is left behind
  };

  /// Told when the results are there, and when not (again and again), from the
  /// watch's thread.
  struct observer {
    virtual ~observer() = default;
    virtual void results_up() = 0;
    virtual void results_down(const fault& why, ms pause) = 0;
    virtual void tasks_waited_for(std::size_t count) = 0;
  };

  /// What one waits for. Called on the watch's thread; must not block.
  struct waiter {
    /// A task's state is another one than before.
    std::function<void(const std::string& id, const std::string& state)>
      on_news;
    std::function<void()> on_late; ///< at the deadline, once
  };

  task_watch(std::unique_ptr<task_results> from, settings how, observer& told);
  task_watch(const task_watch&) = delete;
  task_watch& operator=(const task_watch&) = delete;
  ~task_watch(); ///< stops

  using token = std::uint64_t;
  token begin(steady::time_point deadline, waiter who);
  /// From now on it hears of these.
  void follow(token who, std::vector<std::string> ids);
  /// Its deadline is no later than this.
  void shorten(token who, steady::time_point deadline);
  void end(token who);

  /// What is known of these tasks, also from before our time.
  void ask(std::vector<std::string> ids,
           std::function<void(result<task_results::states>)> on_answer);

  /// There may be news. From any thread.
  void wake();
  void stop();

  /// Empty: the results are there; else what is wrong, for people.
  std::string trouble() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace dubber
