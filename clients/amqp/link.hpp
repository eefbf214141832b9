#pragma once

#include "clients/amqp/connection.hpp"

#include <functional>
#include <memory>
#include <string>

namespace dubber {

/// Stays connected to a broker: a thread that connects, has the connection
/// served until that fails, and connects again after pauses that grow.
///
///   connecting --open--> served --fault--> pause --> connecting
///       |                                    ^
///       +-------------- fault ---------------+
class amqp_link {
public:
  struct settings {
    amqp_address to;
    std::string name; ///< shown in the broker's lists
    ms connect_timeout{5'000};
    ms first_pause{500};
    ms longest_pause{30'000};
  };

  /// What the server of a connection may do besides using it.
  class session {
  public:
    virtual ~session() = default;
    virtual amqp_connection& connection() = 0;
    /// Everything is set up: the link counts as up from now on.
    virtual void ready() = 0;
    virtual bool stopping() const = 0;
    /// Until something comes from the broker, `wake` is called, or for a while.
    virtual void wait(ms longest) = 0;
  };

  /// Uses the connection until it fails or the link is stopping. With a
  /// `retry_after` in its fault it says how long to stay away.
  using server = std::function<result<done>(session&)>;

  /// Told when the link is up (with the broker's name), and when it is not any
  /// more, or still not (with the reason). From the link's thread.
  struct observer {
    virtual ~observer() = default;
    virtual void up(const std::string& broker) = 0;
    virtual void down(const fault& why, ms pause) = 0;
  };

  /// @param serve, told Live until `stop` has returned.
  amqp_link(settings how, server serve, observer& told);
  amqp_link(const amqp_link&) = delete;
  amqp_link& operator=(const amqp_link&) = delete;
  ~amqp_link(); ///< stops

  /// Has the server look up from its wait. From any thread.
  void wake();

  /// Ends the server and the connection. One that is just connecting, which
  /// may last (name servers), is left behind: it calls nobody any more.
  void stop();

  /// Empty: the link is up; else what is wrong, for people.
  std::string trouble() const;

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace dubber
