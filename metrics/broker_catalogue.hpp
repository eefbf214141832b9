#pragma once

#include "metrics/catalogue.hpp"
#include "metrics/families.hpp"

#include <string>

namespace dubber {

/// What the catalogue says of RabbitMQ.
class broker_catalogue : public catalogue, protected families {
public:
  void broker_connected(std::string_view role, bool is) override {
    broker_up_.Add({{"role", std::string{role}}}).Set(is ? 1 : 0);
    if (!is)
      broker_failures_.Add({{"role", std::string{role}}}).Increment();
  }

  void broker_message(std::string_view outcome) override {
    broker_messages_.Add({{"outcome", std::string{outcome}}}).Increment();
  }

  void broker_published(std::size_t events) override {
    broker_events_.Increment(static_cast<double>(events));
  }

private:
  prometheus::Family<prometheus::Gauge>& broker_up_
    = gauge("dubber_broker_up", "1 while the connection to RabbitMQ is in use");
  prometheus::Family<prometheus::Counter>& broker_failures_
    = counter("dubber_broker_failures_total",
              "Connections to RabbitMQ that ended, or were not made");
  prometheus::Family<prometheus::Counter>& broker_messages_ = counter(
    "dubber_broker_messages_total", "job.created messages by what became of "
                                    "them");
  prometheus::Counter& broker_events_
    = counter("dubber_broker_events_total",
              "Events that RabbitMQ has confirmed")
        .Add({});
};

} // namespace dubber
