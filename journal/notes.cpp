#include "journal/notes.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

using nlohmann::json;

note note_of(const service_order& order) {
  json value{{"what", std::string{to_string(order.what)}},
             {"by", order.by},
             {"reason", order.reason}};
  return {order_area, order.service,
          value.dump(-1, ' ', false, json::error_handler_t::replace), order.at};
}

result<service_order> order_of(const note& kept) {
  auto damaged = [&](const std::string& why) {
    return fault{fault_code::disk,
                 "the journal's note of the order to " + kept.name + ": " + why,
                 0,
                 {}};
  };
  try {
    auto value = json::parse(kept.value);
    auto what = order_verb_from(value.at("what").get<std::string>());
    if (!what)
      return damaged("this program does not know what was ordered");
    return service_order{kept.name, *what, value.at("by"), value.at("reason"),
                         kept.at};
  } catch (const json::exception& e) {
    return damaged(std::string{"is damaged: "} + e.what());
  }
}

} // namespace dubber
