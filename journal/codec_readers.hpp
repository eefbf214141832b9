#pragma once

#include "core/event.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <string>

namespace dubber {

/// Throws what `std::exception` is when the record is damaged.
using event_reader = std::function<event_body(const nlohmann::json&)>;

/// How the records of each type are read (docs/journal-format.md).
const std::map<std::string, event_reader, std::less<>>& event_readers();

} // namespace dubber
