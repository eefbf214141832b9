#pragma once

#include "actors/coordinator.hpp"
#include "clients/amqp/consumer.hpp"
#include "clients/amqp/publisher.hpp"
#include "journal/journal.hpp"
#include "metrics/probe.hpp"

#include <map>
#include <memory>
#include <string>

namespace dubber {

/// How far the events have been published, among the journal's notes.
inline constexpr const char* broker_area = "broker";

/// Tells log and metrics how a link does.
class link_watch : public amqp_link::observer {
public:
  link_watch(probe& says, std::string role)
    : says_(says), role_(std::move(role)) {
    // nop
  }
  void up(const std::string& broker) override;
  void down(const fault& why, ms pause) override;

private:
  probe& says_;
  std::string role_;
  std::string last_; ///< reason that was logged
};

/// RabbitMQ: jobs come in by `job.created`, events go out to `dubber.events`.
/// Neither is needed for anything else to work.
class broker {
public:
  /// @param published Up to which position events were published
  /// (`read_published`).
  broker(const amqp_address& where, const std::string& node, coordinator& jobs,
         journal& store, probe& says, std::uint64_t published);
  broker(const broker&) = delete;
  broker& operator=(const broker&) = delete;
  ~broker();

  /// Connects, and goes on doing so.
  void begin();

  /// Takes no more messages; those that are under way are decided about.
  void stop_intake();
  /// Publishes what is on record, for a moment.
  void stop_events();

  /// `intake` and `events`: `ok`, or what is wrong, for people.
  std::map<std::string, std::string> health() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// From the journal's notes; 0: nothing was published yet.
result<std::uint64_t> read_published(journal& store);

} // namespace dubber
