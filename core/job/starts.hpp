#pragma once

#include "core/job/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dubber {

/// How many items the stages that fan out have, and where the result is.
struct item_counts {
  std::uint32_t chunks = 0;
  std::uint32_t segments = 0;
  std::string output_key = {};
};

/// The `stage.started` of every pending stage whose stages before are done (or
/// run item by item along with it). With the report's, the final state is owed.
/// @param ended A stage that counts as done already.
std::vector<event_body> starts(const job_state& state,
                               std::optional<std::uint32_t> ended,
                               const item_counts& counts);

} // namespace dubber
