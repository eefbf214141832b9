#pragma once

#include "core/work.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// Over what a stage fans out: one item of work for each.
enum class fan_out { none, chunks, segments };

/// One stage of a pipeline, as data.
struct stage_spec {
  std::string name;
  work_kind kind = work_kind::fetch;
  std::string service; ///< whose gate its work passes
  std::string policy;  ///< whose retry policy and timeouts it follows
  /// Stages that must be done before this one; between two stages that fan out
  /// over segments: item by item, without a barrier.
  std::vector<std::string> after;
  fan_out each = fan_out::none;
};

struct pipeline {
  std::string name;
  std::vector<stage_spec> stages; ///< in an order that respects `after`

  /// Index of the stage, or -1.
  int find(std::string_view stage) const;
};

/// The eight stages of a dub: fetch extract asr translate tts merge upload
/// report.
const pipeline& dubbing_pipeline();

} // namespace dubber
