#pragma once

#include "http/call.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <variant>

namespace dubber {

constexpr std::size_t max_json_body = 64 * 1024; // INTERFACES, Limits
constexpr int max_json_depth = 64;               // INTERFACES, Limits

/// The request's body as a JSON object: within the limits, of the content type
/// application/json, without a name that occurs twice; or the answer that says
/// what is wrong (400, 413, 415, 422).
/// @param may_be_missing An empty body counts as `{}`.
std::variant<nlohmann::json, http_answer>
read_json_object(const http_call_in& call, bool may_be_missing);

} // namespace dubber
