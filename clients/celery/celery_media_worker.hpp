#pragma once

#include "clients/amqp/address.hpp"
#include "clients/amqp/link.hpp"
#include "clients/celery/redis_address.hpp"
#include "clients/celery/task_watch.hpp"
#include "clients/media_worker.hpp"
#include "clients/object_store.hpp"
#include "clients/work_pool.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace dubber {

/// How Celery's workers are reached.
struct celery_settings {
  amqp_address broker;
  std::string queue = "celery";
  std::string extract_task = "worker_audio.extract_audio";
  std::string merge_task = "worker_audio.merge_audio";
  /// Where results come from: Redis, or, when it is not empty, this queue of
  /// the broker.
  std::optional<redis_address> redis;
  std::string reply_queue;
};

/// Hears how it goes; from any thread, must not block.
struct celery_observer : task_watch::observer {
  /// @param role `tasks` or `results`: the connection to the broker.
  virtual amqp_link::observer& link(const std::string& role) = 0;
  /// @param outcome `sent`, `unsent`, `taken_up` (it was out already), `late`
  /// (of an earlier dispatch), `done`, `failed`, `overdue`, `unusable` (the
  /// result is not what it says), `revoked`, `not_revoked` (nobody could be
  /// told).
  virtual void task(const std::string& id, const std::string& name,
                    const char* outcome, const std::string& why)
    = 0;
};

/// `MEDIA_WORKER=celery`: tasks for workers elsewhere (docs/celery.md). A task
/// outlives us: the same work, asked for again with the same call key, is
/// looked for before it is given out again (core/remote_task.hpp).
class celery_media_worker : public media_worker {
public:
  /// @param node Our name. @param pool For short work on files, and for reading
  /// results once. @param scratch Emptied at start.
  celery_media_worker(celery_settings how, const std::string& node,
                      object_store& store, work_pool& pool,
                      std::filesystem::path scratch, celery_observer& told);
  celery_media_worker(const celery_media_worker&) = delete;
  celery_media_worker& operator=(const celery_media_worker&) = delete;
  ~celery_media_worker() override;

  call_handle extract_audio(const media_call& of, const std::string& source_key,
                            const std::string& output_key, ms timeout,
                            callback on_end) override;
  call_handle merge_audio(const media_call& of, const std::string& plan_key,
                          const std::string& output_key, ms timeout,
                          callback on_end) override;

  /// From now on a call that is given up leaves its task alone: whoever comes
  /// after us takes it up.
  void leave_tasks();

  /// Ends the connections. Before `pool` and `store` go.
  void stop();

  /// `tasks` and `results`: `ok`, or what is wrong, for people.
  std::map<std::string, std::string> health() const;

private:
  struct state;
  call_handle begin(const std::string& task, const media_call& of,
                    const std::string& input, const std::string& output_key,
                    ms timeout, callback on_end);

  std::unique_ptr<state> state_;
};

} // namespace dubber
