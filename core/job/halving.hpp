#pragma once

#include "core/job/state.hpp"

#include <optional>
#include <vector>

/// Chunks of sound that ASR fails at are cut in two, so that a service that
/// fails above some length still hears the whole film. The halved item is over;
/// its two parts are new items at the end, with attempts and call keys of their
/// own: an item means the same sound for ever.
namespace dubber {

/// Whether the fault may be due to how much was asked at once.
bool may_be_too_much(const fault& why);

/// Where the chunk is cut: the silence nearest its middle, within its middle
/// half; else the middle. Nothing for other work, for another fault, and for
/// what is shorter than `least_halved_seconds`.
std::optional<double> where_to_halve(const job_state& state, work_ref work,
                                     const fault& why);

/// What was heard, in the order of the sound.
/// @param chunks One for each of `spans`.
std::vector<transcript> in_order(std::vector<transcript> chunks,
                                 const std::vector<media_span>& spans);

} // namespace dubber
