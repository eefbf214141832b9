#include "core/job/state.hpp"

#include <algorithm>

namespace dubber {

dub_results& job_state::dub(std::uint32_t lane) {
  if (lane > further.size())
    further.resize(lane);
  return lane == 0 ? *this : further[lane - 1];
}

const dub_results& job_state::dub(std::uint32_t lane) const {
  static const dub_results nothing;
  if (lane > further.size())
    return nothing;
  return lane == 0 ? *this : further[lane - 1];
}

bool job_state::has_degraded() const {
  return !degraded.empty()
         || std::any_of(further.begin(), further.end(),
                        [](auto& dub) { return !dub.degraded.empty(); });
}

std::string language_in(const job_state& state, std::uint32_t lane) {
  if (lane == 0)
    return state.row.target_language;
  auto& further = state.plan->further;
  return lane <= further.size() ? further[lane - 1] : std::string{};
}

} // namespace dubber
