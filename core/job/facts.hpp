#pragma once

#include "core/job/state.hpp"

#include <map>
#include <string>
#include <vector>

/// What a job's facts say for its report and for those who ask.
namespace dubber {

/// One entry for each finished stage that the language needed, in the
/// pipeline's order.
std::vector<stage_fact> facts_of(const job_state& state,
                                 std::uint32_t lane = 0);

/// What can be fetched in that language, name to key: `audio` once extracted;
/// `video srt vtt report` once merged, under their final keys, and with
/// `report_html`, once uploaded; what `http` stages made, under their names.
std::map<std::string, std::string> artifacts_of(const job_state& state,
                                                std::uint32_t lane = 0);

} // namespace dubber
