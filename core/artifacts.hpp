#pragma once

#include "core/event.hpp"

#include <string>
#include <vector>

namespace dubber {

/// Keys of the artifacts that a fact names; nothing for results under a final
/// name (`dubbed_N.mp4`), which are the platform's to keep.
std::vector<std::string> artifact_keys(const event_body& body);
std::vector<std::string> artifact_keys(const work_result& result);

/// What it costs to keep the result: its artifacts, its texts, its record.
std::uint64_t kept_bytes(const work_result& result);

} // namespace dubber
