#include "app/celery_watch.hpp"

#include "metrics/log.hpp"

namespace dubber {

amqp_link::observer& celery_watch::link(const std::string& role) {
  return role == "tasks" ? tasks_ : results_;
}

void celery_watch::task(const std::string& id, const std::string& name,
                        const char* outcome, const std::string& why) {
  says_.celery_task(name, outcome);
  log::write(
    why.empty() ? log::level::info : log::level::warn, "celery.task",
    {{"task", id}, {"name", name}, {"outcome", outcome}, {"reason", why}});
}

void celery_watch::results_up() {
  if (has_redis_)
    results_.up("Redis");
}

void celery_watch::results_down(const fault& why, ms pause) {
  if (has_redis_)
    results_.down(why, pause);
}

void celery_watch::tasks_waited_for(std::size_t count) {
  says_.celery_waiting(count);
}

} // namespace dubber
