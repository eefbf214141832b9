#pragma once

#include "clients/amqp/connection.hpp"
#include "core/time.hpp"

#include <string>

/// Messages of Celery's protocol, version 2. A worker that reads a task
/// without id or content type, or with another body, ends at once; so does the
/// next one.
namespace dubber {

/// A task for a worker.
struct task_call {
  std::string id;
  std::string name;
  std::string arguments; ///< a JSON array
  time_point expires{};  ///< not begun by then: it is not begun any more
  ms time_limit{0};      ///< after that, and some grace, the worker ends it
  std::string reply_to;  ///< queue of the results; empty: the worker's own way
  std::string traceparent;
  std::string origin; ///< who asks, for people
};

amqp_message task_message(const task_call& call);

/// Where all workers hear of what they shall do besides tasks.
inline constexpr const char* control_exchange = "celery.pidbox";

/// Takes tasks back: what waits is not begun, what runs is ended (SIGTERM).
/// @param until Nobody needs to hear of it later. @returns What goes to
/// `control_exchange`.
amqp_message revoke_message(const std::vector<std::string>& ids,
                            time_point until);

} // namespace dubber
