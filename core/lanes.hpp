#pragma once

#include "core/pipeline.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A pipeline for several languages: what does not depend on the language is
/// done once, all the rest once for each, side by side.
///
///   fetch > extract > asr +> translate > tts > merge > upload -----------+>
///   report
///                         +> translate:de > tts:de > merge:de > upload:de +
///
/// The gateway's language is lane 0, and its stages keep their names.
namespace dubber {

/// Which stages depend on the language, by index: those that translate, speak,
/// merge and upload, calls that look at the target language or the voice, and
/// whatever comes after one of these, but the report.
std::vector<bool> language_stages(const pipeline& plan);

/// The same pipeline for these languages besides the gateway's.
pipeline_ptr with_lanes(const pipeline_ptr& plan,
                        const std::vector<std::string>& further);

/// The stage's name in the pipeline's definition: `tts` of `tts:de`.
std::string_view defined_name(std::string_view stage);

/// Which lane that language is, or -1; empty: the gateway's.
/// @param gateways The gateway's language.
int lane_of(const pipeline& plan, const std::string& gateways,
            const std::string& language);

/// Index of the lane's stage of that kind, or of the one for all; or -1.
int stage_in(const pipeline& plan, std::uint32_t lane, work_kind kind);

/// Index of the stage with that name in the definition, in that lane; or -1.
int stage_in(const pipeline& plan, std::uint32_t lane, std::string_view name);

/// Whether the stage works for that language.
inline bool works_for(const stage_spec& spec, std::uint32_t lane) {
  return spec.shared || spec.lane == lane;
}

/// How many languages there are.
inline std::uint32_t lanes_of(const pipeline& plan) {
  return static_cast<std::uint32_t>(plan.further.size()) + 1;
}

} // namespace dubber
