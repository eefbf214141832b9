#pragma once

#include "core/pipeline.hpp"
#include "core/policy.hpp"
#include "tests/simulation/dice.hpp"

#include <array>

namespace dubber::sim {

/// Services of users' own, and a policy.
inline constexpr std::array own_services{"words", "separate"};
inline constexpr const char* own_policy = "patient";

/// Calls alone: two to four branches beside each other that meet, most of them
/// at one service.
///
///          +> branch-1 > branch-1-more -+
///   fetch -+> branch-2 -----------------+> meet > report
pipeline_ptr draw_branches(dice& d);

/// A dub with calls: a branch beside ASR whose file lies under the speech, and
/// a call for each segment between two stages by segments; sometimes one more
/// before the translation, and one that waits for all translations: a second
/// wave.
///
///   fetch > extract +> asr [> clean] > translate [> terms] > polish > tts +>
///                   +> separate ------------------------------------------+>
///   merge > upload [> tell] > report
pipeline_ptr draw_dub_with_calls(dice& d);

} // namespace dubber::sim
