#pragma once

#include "clients/celery/celery_media_worker.hpp"
#include "clients/celery/task_message.hpp"
#include "clients/celery/task_sender.hpp"
#include "clients/store_calls.hpp"
#include "core/remote_task.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <set>

namespace dubber {

/// Tasks that we have taken back: their results are nothing to wait for. The
/// newest ones.
class revoked_tasks {
public:
  void add(const std::vector<std::string>& ids);
  bool has(const std::string& id) const;

private:
  mutable std::mutex mutex_;
  std::set<std::string> ids_;
  std::deque<std::string> order_;
};

/// What all tasks work with; lives longer than they do.
struct celery_parts {
  const celery_settings& how;
  const std::string& node;
  object_store& store;
  work_pool& pool;
  const std::filesystem::path& scratch;
  celery_observer& told;
  task_sender& sender;
  task_watch& watch;
  revoked_tasks& revoked;
  const std::atomic<bool>& leaves_tasks;

  /// Tells the workers, on a connection for just that.
  void revoke(std::vector<std::string> ids) const;
};

/// One attempt of a piece of work.
///
///   opening --known tasks--> asking --their states--> deciding
///   deciding --out already--> waiting            (next_step)
///   deciding --send--> sending --confirmed--> waiting
///   deciding, waiting --result--> checking --it is so--> over: the file
///   any --deadline, fault, cancel--> over
class celery_task : public std::enable_shared_from_this<celery_task> {
public:
  struct request {
    std::string task;
    std::string arguments; ///< JSON
    std::string work;      ///< its name (`work_key`)
    std::string output_key;
    int attempt = 1;
    std::string traceparent;
  };

  celery_task(const celery_parts& with, request what, ms timeout,
              media_worker::callback on_end);

  void begin();
  void cancel();

private:
  // Steps, on threads of the pool, one at a time.
  void open();
  void decide(const result<task_results::states>& heard);
  void send();
  void sent(task_sender::fate how, const fault& why);
  void news(const std::string& id, const std::string& text);
  void fail(std::size_t which, const fault& why);
  void check(std::size_t which, const media_file& file);
  std::optional<fault> wrong_with(const dispatch& from,
                                  const media_file& file) const;

  void late(); ///< on the watch's thread
  void post(std::function<void()> step);
  void follow();
  void end(result<media_file> outcome);
  /// From now on nothing is to be had from it.
  void bury(std::size_t which);
  void revoke_others(std::size_t but);
  void tell(const char* outcome, const std::string& id,
            const std::string& why = {}) const;

  bool is_over() const {
    std::lock_guard lock{mutex_};
    return over_;
  }
  dispatch at(std::size_t which) const;
  result<done> save(const task_clock& clock) const;

  const celery_parts& with_;
  const request what_;
  task_clock clock_;
  task_watch::token token_ = 0;
  std::mutex steps_; ///< held by the step that runs

  mutable std::mutex mutex_; ///< of all below
  std::vector<dispatch> out_;
  std::size_t current_ = 0; ///< the one whose failure is the attempt's
  bool over_ = false;
  media_worker::callback on_end_;
};

} // namespace dubber
