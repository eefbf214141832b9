#pragma once

#include "clients/amqp/consumer.hpp"
#include "clients/celery/task_results.hpp"
#include "clients/object_store.hpp"
#include "clients/work_pool.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace dubber {

/// Celery's results by a queue that the tasks name (`reply_to`), without Redis.
/// What comes is kept in the object store before it is acknowledged: who waits
/// for it may have died and not be back yet.
class reply_results : public task_results {
public:
  /// @param on_news There is something new; from any thread.
  reply_results(amqp_link::settings where, const std::string& queue,
                object_store& store, work_pool& pool,
                std::filesystem::path scratch, std::function<void()> on_news,
                amqp_link::observer& told);
  ~reply_results() override;

  result<states> look(const std::vector<std::string>& ids) override;
  result<states> recall(const std::vector<std::string>& ids) override;
  void stop() override;

private:
  struct state;
  std::shared_ptr<state> state_;
  std::unique_ptr<amqp_consumer> from_;
};

} // namespace dubber
