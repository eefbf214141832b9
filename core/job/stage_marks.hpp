#pragma once

#include "core/job/state.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Parts of `evolve`: how far a stage is, forward and back.
namespace dubber {

/// The open item is done.
void mark_done(stage_progress& stage, std::uint32_t item, int attempt);

/// The item is to be done again, if it was done; its stage runs then.
void open_item(stage_progress& stage, std::uint32_t item);

/// The stage is to be done again, its results are gone.
/// @param redo Under another call key.
void reset_stage(job_state& state, std::size_t stage, bool redo);

/// The segments whose sound is lost are spoken again, where they were.
void reopen_lost(job_state& state, const ev::run_started& what);

/// Whether the stage makes nothing of a segment that was degraded so.
bool goes_without(const pipeline& plan, std::size_t stage,
                  const degradation& what);

/// What was degraded is tried again in the languages whose dub is not made yet.
void reopen_degraded(job_state& state);

/// How many segments go without in the language that the stage works for; the
/// most, where it works for several.
std::size_t degraded_in(const job_state& state, const stage_spec& spec);

} // namespace dubber
