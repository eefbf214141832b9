#pragma once

#include "core/http_call.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace dubber {

/// The `request`, `answer` and `cache` of an `http` stage.
/// @param place Of the stage, with a dot at its end: for mistakes.
http_call read_call(const nlohmann::json& stage, const std::string& place,
                    std::vector<std::string>& mistakes);

} // namespace dubber
