#pragma once

#include "engines/child_process.hpp"

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dubber {

/// What became of a question.
enum class pipe_end { answered, late, died };

/// Long-lived pipelines that answer NUL-terminated texts: at most `limit` of a
/// command, started when first needed, each used by one request at
/// a time. One that dies or is late is killed; a question that met a dead one
/// is asked once more, of a fresh one. Of those that wait at most `most_idle`
/// are kept, the latest used.
class pipe_pool {
public:
  using command = std::vector<program>;

  pipe_pool(unsigned limit, size_t most_idle)
    : limit_(limit), most_idle_(most_idle) {
    // nop
  }

  /// @param question As to_stream() writes it.
  /// @param answer What came back, without the NUL.
  pipe_end ask(const command& what, const std::string& question,
               std::string& answer);

  /// The process groups of the idle pipelines.
  std::vector<pid_t> idle_pids();

private:
  using pipe_ptr = std::unique_ptr<child_process>;

  struct idle_pipe {
    command what;
    pipe_ptr pipe;
  };

  /// Waits for a place; nothing when none was free in time.
  std::optional<pipe_ptr> take(const command& what);
  void give_back(const command& what, pipe_ptr pipe);

  unsigned limit_;
  size_t most_idle_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<command, unsigned> used_;
  std::list<idle_pipe> idle_; // the oldest first
};

} // namespace dubber
