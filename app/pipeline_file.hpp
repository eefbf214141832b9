#pragma once

#include "core/pipeline.hpp"
#include "core/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// A definition of a pipeline (docs/pipelines.md) as it was read.
struct pipeline_file {
  pipeline plan;
  service_policies services; ///< its own, and its policies
  /// All there are, each with its place in the file. What only shows beside
  /// others is not among them: `mistakes_in`.
  std::vector<std::string> mistakes;
};

inline constexpr std::size_t max_definition_bytes = 256 * 1024;

pipeline_file read_pipeline(std::string_view text);

/// Text with holes: `/jobs/{/job/id}`; `{{` is a brace.
text_template read_template(std::string_view text);

} // namespace dubber
