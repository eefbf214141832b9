#pragma once

#include "core/eta/call_costs.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace dubber {

/// What the calls of `http` stages cost, by service: such stages are as
/// different as their services, so they are none of the kinds of work.
class own_costs {
public:
  /// By `speed_key`: the service and the model behind it. Kept over restarts.
  using memory = std::map<std::string, call_cost::memory>;

  /// What a gate lets through. Of services beyond the 64th nothing is learned.
  /// @param key Another than before: it is learned anew.
  void set_service(const std::string& service, const std::string& key,
                   int at_once, bool held);

  void saw(const std::string& service, double media_seconds,
           double took_seconds);

  /// Seconds that so many calls take which may all begin now, if nobody else
  /// was there.
  /// @param media_seconds What each is about.
  double length(const std::string& service, double calls,
                double media_seconds) const;

  /// The service's bit in `work_left::own_services`; 0: it has none.
  std::uint64_t bit(const std::string& service) const;

  /// Bits of the services that take no work at the moment.
  std::uint64_t held() const {
    return held_;
  }

  memory remembered() const;
  void restore(const memory& from);

private:
  struct entry {
    std::string key;
    std::uint64_t bit = 0;
    int at_once = 1;
    call_cost cost;
  };

  std::map<std::string, entry> services_;
  memory known_; ///< of services that no gate has told of yet
  std::uint64_t held_ = 0;
};

} // namespace dubber
