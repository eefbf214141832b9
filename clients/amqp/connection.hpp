#pragma once

#include "clients/amqp/address.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dubber {

/// A value of a header: void, a truth value, a number, a text, or a list of
/// numbers.
using amqp_value = std::variant<std::monostate, bool, std::int64_t, std::string,
                                std::vector<std::int64_t>>;

/// A message as it came, or as it is to be published.
struct amqp_message {
  std::string body;
  std::string content_type = "application/json";
  std::string message_id;                 ///< published only
  std::string type;                       ///< published only
  std::string traceparent;                ///< header of that name
  std::optional<std::string> dead_reason; ///< header `x-dubber-reason`
  // Published only:
  std::string content_encoding = {};
  std::string correlation_id = {};
  std::string reply_to = {};
  bool persistent = true;
  std::vector<std::pair<std::string, amqp_value>> headers = {};
};

/// What the broker sent.
struct amqp_delivery {
  std::uint64_t tag = 0;
  bool redelivered = false;
  amqp_message message;
};

/// The broker has taken a published message, or (not `ok`) has not.
struct amqp_confirm {
  std::uint64_t tag = 0; ///< counts what was published from 1
  bool multiple = false; ///< all up to that one
  bool ok = true;
};

/// A mandatory message that no queue wanted; its confirm comes all the same.
struct amqp_returned {
  std::string why;
  std::string correlation_id = {}; ///< of the message
};

/// A connection with one channel to a broker (AMQP 0-9-1, librabbitmq). Blocks;
/// of one thread. Each fault is the end of it: `unreachable` when the broker is
/// not there or does not answer, `refused` with its words when it says no.
/// Heartbeats go and come within `next`: call it at least each half of them.
class amqp_connection {
public:
  /// @param name Shown in the broker's lists of connections.
  /// @param timeout Of each step: connect, handshake, each answer.
  static result<std::unique_ptr<amqp_connection>>
  open(const amqp_address& to, const std::string& name, ms timeout);

  amqp_connection(const amqp_connection&) = delete;
  amqp_connection& operator=(const amqp_connection&) = delete;
  ~amqp_connection();

  /// Durable, without arguments: as Spring and Celery declare theirs.
  result<done> declare_queue(const std::string& name);
  /// Durable, of type `topic`.
  result<done> declare_exchange(const std::string& name);
  /// `refused` when there is none of that name.
  result<done> find_exchange(const std::string& name);
  /// From now on what is published is confirmed.
  result<done> select_confirms();
  /// @param prefetch Most messages that are not acknowledged.
  result<done> consume(const std::string& queue, std::uint16_t prefetch);

  result<done> publish(const std::string& exchange, const std::string& key,
                       bool mandatory, const amqp_message& what);
  result<done> acknowledge(std::uint64_t tag);

  using incoming
    = std::variant<std::monostate, amqp_delivery, amqp_confirm, amqp_returned>;
  /// What came, within `timeout`; nothing when nothing did.
  result<incoming> next(ms timeout);

  /// Whether `next` has something without reading from the socket.
  bool has_more() const;
  int socket() const;
  /// `RabbitMQ 3.10.8`, as the broker calls itself.
  const std::string& broker() const {
    return broker_;
  }

private:
  struct state;
  explicit amqp_connection(std::unique_ptr<state> s);
  result<done> log_in(const amqp_address& to, const std::string& name);
  result<incoming> other_frame();

  std::unique_ptr<state> state_;
  std::string broker_;
};

} // namespace dubber
