#pragma once

#include "core/policy.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// Lays a policy file's text (JSON, `{"services": {"asr": {...}},
/// "max_degraded_ratio": 0.1}`) over the two; what it does not name keeps its
/// value. Returns all mistakes,
/// each with the key's full name; unknown keys are mistakes. With mistakes
/// they may be half changed.
std::vector<std::string> apply_policy_file(std::string_view text,
                                           service_policies& services,
                                           double& max_degraded_ratio);

/// One service's policy, as above. @param place Its name in mistakes. @param
/// reached_by_url Whether it may have URLs.
std::vector<std::string> read_service_policy(const nlohmann::json& value,
                                             const std::string& place,
                                             bool reached_by_url,
                                             service_policy& into);

} // namespace dubber
