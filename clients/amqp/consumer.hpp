#pragma once

#include "clients/amqp/link.hpp"

#include <functional>
#include <memory>
#include <string>

namespace dubber {

/// What is to become of a message.
struct amqp_verdict {
  enum class what {
    taken, ///< it is acknowledged: whatever it asks for is on record
    dead,  ///< it goes to the dead-letter queue, with the reason
    later, ///< it goes back to its queue, and is read again after a pause
  };
  what kind = what::taken;
  std::string reason;
  ms pause{0}; ///< of `later`
};

/// Reads a queue. A message stays the broker's until its verdict is carried
/// out; one that the connection loses meanwhile comes again.
///
///   delivered --taken--> acknowledged
///       |------dead----> published to the dead-letter queue --confirmed-->
///       |                                                    acknowledged
///       +------later---> disconnected: all go back; connected after the pause
class amqp_consumer {
public:
  struct settings {
    std::string queue = "job.created";
    std::string dead = "job.created.dead"; ///< the dead-letter queue
    std::uint16_t prefetch = 100;          ///< messages without a verdict
    /// Without a verdict for so long: the connection is given up, long before
    /// the broker does that (RabbitMQ's consumer timeout is 30 min).
    ms longest_wait{60'000};
    ms longest_stop{1'000}; ///< at the end verdicts are waited for that long
  };

  /// @param on_verdict To be called once, from any thread.
  using handler = std::function<void(
    const amqp_message&, std::function<void(amqp_verdict)> on_verdict)>;

  amqp_consumer(amqp_link::settings where, settings what, handler handle,
                amqp_link::observer& told);
  amqp_consumer(const amqp_consumer&) = delete;
  amqp_consumer& operator=(const amqp_consumer&) = delete;
  ~amqp_consumer();

  /// Takes no more messages, waits for the verdicts, and disconnects.
  void stop();

  /// Empty: it reads; else what is wrong, for people.
  std::string trouble() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dubber
