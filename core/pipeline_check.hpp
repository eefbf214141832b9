#pragma once

#include "core/pipeline.hpp"
#include "core/policy.hpp"

#include <string>
#include <vector>

/// Whether a pipeline can work, before any job has it. Every mistake is one
/// sentence that begins with its place: `stages.separate.after names …`.
namespace dubber {

inline constexpr std::size_t max_stages = 64;

/// 1 to 64 of a-z, 0-9, '-' and '_': of pipelines, stages and services.
bool is_pipeline_name(std::string_view text);

/// Whose gate such work passes; empty: the definition says.
std::string_view service_of(work_kind kind);

/// Over what such work fans out; `http` may go by segments, too.
fan_out fan_out_of(work_kind kind);

/// Puts the stages in an order that respects `after`; what is free keeps its
/// own. @returns The mistakes that keep it from being one.
std::vector<std::string> put_in_order(pipeline& plan);

/// @param plan In order. @param services Which services and policies there are.
std::vector<std::string> mistakes_in(const pipeline& plan,
                                     const service_policies& services);

} // namespace dubber
