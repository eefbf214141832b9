#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dubber {

/// What a person wants of a service's breaker.
enum class order_verb {
  open,      ///< no calls, until another order
  close,     ///< calls now; what was seen is forgotten, then it decides itself
  automatic, ///< takes `open` back: as if nobody had given it
};

/// `open`, `close`, `auto`.
constexpr std::string_view to_string(order_verb what) {
  switch (what) {
  case order_verb::open:
    return "open";
  case order_verb::close:
    return "close";
  default:
    return "auto";
  }
}

constexpr std::optional<order_verb> order_verb_from(std::string_view name) {
  for (auto what : {order_verb::open, order_verb::close, order_verb::automatic})
    if (to_string(what) == name)
      return what;
  return std::nullopt;
}

/// The last one of each service is kept over restarts.
struct service_order {
  std::string service;
  order_verb what = order_verb::automatic;
  std::string by;     ///< who asked
  std::string reason; ///< may be empty
  time_point at;

  bool operator==(const service_order&) const = default;
};

} // namespace dubber
