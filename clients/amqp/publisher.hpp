#pragma once

#include "clients/amqp/link.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dubber {

/// Something to be told to whoever listens at an exchange.
struct amqp_news {
  std::uint64_t position = 0; ///< rising
  std::string key;            ///< the routing key, and the message's type
  std::string body;           ///< JSON
};

/// Publishes news in order to a topic exchange, with confirms: at least once.
/// A message's id is its position, by which a reader knows what it has seen.
class amqp_publisher {
public:
  struct settings {
    std::string exchange = "dubber.events";
    std::size_t batch = 256; ///< not confirmed at a time
    ms poll{200};            ///< how often news are looked for
    ms longest_confirm{30'000};
    ms longest_stop{1'000}; ///< what is there is published for that long
  };

  /// The news after a position, at most so many; none: there are none now.
  using source = std::function<result<std::vector<amqp_news>>(
    std::uint64_t after, std::size_t limit)>;

  /// @param after The position of the last news that was published before.
  /// @param news, on_confirmed Called on the link's thread. The latter gets
  /// the position up to which all is confirmed, and how many that were.
  amqp_publisher(
    amqp_link::settings where, settings what, std::uint64_t after, source news,
    std::function<void(std::uint64_t position, std::size_t count)> on_confirmed,
    amqp_link::observer& told);
  amqp_publisher(const amqp_publisher&) = delete;
  amqp_publisher& operator=(const amqp_publisher&) = delete;
  ~amqp_publisher();

  /// Publishes what is there, for a moment, and disconnects.
  void stop();

  /// Empty: it publishes; else what is wrong, for people.
  std::string trouble() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace dubber
