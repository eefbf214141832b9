#pragma once

#include "core/event.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

/// What is shown of events, and of what goes wrong.
namespace dubber {

nlohmann::json fault_json(const fault& why);
nlohmann::json degraded_json(const degradation& x);
nlohmann::json text_or_null(const std::optional<std::string>& text);

/// The fields of an event that INTERFACES names, as far as its type has them.
void add_details(nlohmann::json& j, const event_body& body);

} // namespace dubber
