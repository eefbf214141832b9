#pragma once

#include "app/broker.hpp"
#include "clients/celery/celery_media_worker.hpp"
#include "metrics/probe.hpp"

namespace dubber {

/// Tells log and metrics how the tasks of MEDIA_WORKER=celery do.
class celery_watch : public celery_observer {
public:
  /// @param has_redis Results come from Redis: how that does is told as how the
  /// link does where they come from the broker.
  celery_watch(probe& says, bool has_redis)
    : says_(says), has_redis_(has_redis), tasks_(says, "tasks"),
      results_(says, "results") {
    // nop
  }

  amqp_link::observer& link(const std::string& role) override;
  void task(const std::string& id, const std::string& name, const char* outcome,
            const std::string& why) override;
  void results_up() override;
  void results_down(const fault& why, ms pause) override;
  void tasks_waited_for(std::size_t count) override;

private:
  probe& says_;
  bool has_redis_;
  link_watch tasks_;
  link_watch results_;
};

} // namespace dubber
