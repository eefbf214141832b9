#pragma once

#include "clients/amqp/link.hpp"

#include <functional>
#include <memory>
#include <string>

namespace dubber {

/// Publishes tasks to a queue of the broker, with confirms. It declares
/// nothing: the queue is the worker's, and a task that no queue takes is
/// refused.
class task_sender {
public:
  struct settings {
    std::string queue = "celery";
    ms longest_confirm{10'000}; ///< then the connection is given up
    ms longest_stop{1'000}; ///< at the end confirms are waited for that long
    std::size_t most_waiting = 10'000; ///< messages; more are not sent
  };

  /// What became of a message.
  enum class fate {
    sent,     ///< it is in the queue
    not_sent, ///< it is not, for sure
    unsure,   ///< the connection ended before the broker said so
  };

  /// Called once, from any thread; must not block. `why` says what was wrong.
  using on_fate = std::function<void(fate, const fault& why)>;

  task_sender(amqp_link::settings where, settings how,
              amqp_link::observer& told);
  task_sender(const task_sender&) = delete;
  task_sender& operator=(const task_sender&) = delete;
  ~task_sender(); ///< stops

  /// @param what Its correlation id is its own.
  void send(amqp_message what, on_fate then);

  void stop();

  /// Empty: it is connected; else what is wrong, for people.
  std::string trouble() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dubber
