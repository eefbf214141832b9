#pragma once

#include "core/note.hpp"
#include "core/pipeline.hpp"
#include "core/policy.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace dubber {

/// All pipelines, and the services and policies that they bring along.
struct pipeline_shelf {
  pipeline_book book;
  service_policies services = default_policies();
};

inline constexpr std::size_t max_pipelines = 64;

/// Adds the definitions of a folder's `*.json`. @returns Every mistake in any
/// of them.
std::vector<std::string> read_pipelines(const std::filesystem::path& folder,
                                        pipeline_shelf& into);

/// Adds what jobs in the journal have begun with, where it is not there any
/// more or reads otherwise now. @returns What cannot be read.
std::vector<std::string> add_kept_pipelines(const std::vector<note>& kept,
                                            pipeline_shelf& into);

} // namespace dubber
