#pragma once

#include "core/work.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

/// Results of work as JSON objects; `kind` tells which.
nlohmann::json result_to_json(const work_result& what);
/// The same as text; what there is most of is written without a tree.
std::string result_to_text(const work_result& what);

/// Throws nlohmann::json::exception or std::invalid_argument when damaged.
work_result result_from_json(const nlohmann::json& j);

nlohmann::json fault_to_json(const fault& why);
fault fault_from_json(const nlohmann::json& j);

} // namespace dubber
