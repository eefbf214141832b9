#pragma once

#include "core/pipeline.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What the graph of a definition says, read off its `after` alone: written
/// anew, without a look at core's `starts`, `startable`, `stages_from` and
/// `count_waves`.
namespace dubber::sim {

/// Null: there is none.
const stage_spec* stage_named(const pipeline& plan, std::string_view name);

/// The stage of that kind in the language `lane`, or the one for all.
const stage_spec* stage_of_kind(const pipeline& plan, std::uint32_t lane,
                                work_kind kind);

/// Which stage one in the language `lane` means when it names another.
const stage_spec* stage_meant(const pipeline& plan, std::uint32_t lane,
                              std::string_view name);

inline bool by_segments(const stage_spec& spec) {
  return spec.each == fan_out::segments;
}

/// Whether the two stages have to do with the same language.
inline bool meet(const stage_spec& a, const stage_spec& b) {
  return a.shared || b.shared || a.lane == b.lane;
}

/// Whether `stage` is `first`, or comes after it.
bool rests_on(const pipeline& plan, const stage_spec& stage,
              std::string_view first);

/// How many times all segments are waited for on the way to the stage.
std::uint32_t wave_of(const pipeline& plan, const stage_spec& stage);

} // namespace dubber::sim
